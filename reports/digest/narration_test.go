package digest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/prose"
	"sandcastle/reports/recorded"
)

// said returns what stands under which moment.
func said(s *Story) []string {
	var out []string
	for _, m := range s.Moments {
		if m.Say != "" {
			out = append(out, m.String()+" | "+m.Say)
		}
	}
	return out
}

func TestLessonsNarrateOnce(t *testing.T) {
	r := recorded.Failover(200)
	r.Note(11000*ms, "broker-1", kafka.Note{Kind: kafka.LeaderElected, Topic: "orders", Epoch: 9,
		Broker: 1})
	notes := []LessonNote{
		{Kind: kafka.LeaderElected, Where: []string{"orders-0"}, Say: "The next leader."},
		{Kind: kafka.TopicCreated, Where: []string{"orders"}, Say: "A topic."},
		{Kind: kafka.HighWatermark, Where: []string{"orders"}, Least: 100, Say: "A hundred."},
		{Kind: kafka.BrokerRegistered, Where: []string{"broker-1"}, Say: "Somebody is alive."},
		{Kind: kafka.SessionExpired, Where: []string{"zookeeper-1"}, Say: "Gone."},
		{Kind: kafka.SessionExpired, Say: "For good."},
		{Kind: kafka.LeaderElected, Where: []string{"payments-0"}, Say: "Never."},
	}
	r.Sort()
	c := NewCollector()
	c.Narrate(Lesson{Notes: notes})
	for i := range r.Trace {
		c.Observe(&r.Trace[i])
	}
	want := []string{
		"0.401 s broker-1 sees that broker-1 is alive | Somebody is alive.",
		"0.700 s broker-1 creates the topic orders: 1 partition (0 on brokers 2, 3, 1) | A topic.",
		"1.505 s broker-1 has its high watermark of orders-0 at offset 100 | A hundred.",
		"5.000 s zookeeper-1 ends the session of broker-2: no sign of life in time | Gone. For good.",
		"5.200 s broker-1 elects broker-3 as leader of orders-0 (leader epoch 1, in sync: 3, 1) | " +
			"The next leader.",
	}
	s := c.Story(r.Run)
	require.Equal(t, want, said(s), "a new partition's first leader is a detail and does not count")

	loaded, err := Load(r.Dir(), Lesson{Notes: notes})
	require.NoError(t, err)
	require.Equal(t, want, said(loaded))
}

// Who waits for the same event as another before it waits for the next time.
func TestLessonsNarrateTheNextTime(t *testing.T) {
	r := &recorded.Run{}
	for i, kind := range []kafka.NoteKind{kafka.BecameLeader, kafka.ISRShrunk, kafka.BecameLeader, kafka.ISRShrunk} {
		r.Note(model.Time(i+1)*ms, "broker-1", kafka.Note{Kind: kind, Topic: "orders", Brokers: []kafka.BrokerID{1}})
	}
	c := NewCollector()
	c.Narrate(Lesson{Notes: []LessonNote{
		{Kind: kafka.ISRShrunk, Where: []string{"orders-0"}, Say: "One is gone."},
		{Kind: kafka.ISRShrunk, Where: []string{"orders-0"}, Say: "Another one."},
		{Kind: kafka.ISRShrunk, Where: []string{"orders-0"}, Say: "A third, never."},
		{Kind: kafka.BecameLeader, Say: "The first lead of epoch 0, a detail."},
		{Kind: kafka.BecameLeader, Say: "The second."},
	}})
	for i := range r.Trace {
		c.Observe(&r.Trace[i])
	}
	var got []string
	for _, m := range c.Story(kafka.Run{}).Moments {
		if m.Say != "" {
			got = append(got, prose.Seconds(m.At, 3)+" "+m.Say)
		}
	}
	require.Equal(t, []string{"0.001 s The first lead of epoch 0, a detail.", "0.002 s One is gone.",
		"0.003 s The second.", "0.004 s Another one."}, got)
}

func TestMembersHaveTheNamesOfClients(t *testing.T) {
	const uuid = "-b3703a90-9b24-45b8-8b4f-dd05b900a932"
	r := &recorded.Run{}
	for _, m := range []string{"app", "app-2", "ghost"} {
		r.Note(ms, "broker-1", kafka.Note{Kind: kafka.MemberJoined, Group: "g", Member: m + uuid})
	}
	r.Note(2*ms, "broker-1", kafka.Note{Kind: kafka.RebalanceStarted, Group: "g",
		Text: "member app" + uuid + " is gone: session expired"})
	r.Note(3*ms, "consumer-1", kafka.Note{Kind: kafka.PartitionsAssigned, Group: "g",
		Member: "app" + uuid})
	r.Note(3*ms, "consumer-2", kafka.Note{Kind: kafka.PartitionsAssigned, Group: "g",
		Member: "app-2" + uuid})
	r.Note(4*ms, "consumer-2", kafka.Note{Kind: kafka.PartitionsAssigned, Group: "g",
		Member: "app-2" + uuid, Generation: 2})
	var got []string
	var weights []prose.Weight
	for _, m := range story(r).Moments {
		got = append(got, m.What)
		weights = append(weights, m.Weight)
	}
	require.Equal(t, []string{
		"takes consumer-1 into group g", "takes consumer-2 into group g", "takes ghost into group g",
		"starts a rebalance of group g: member consumer-1 is gone",
		"owns no partition in generation 0 and idles", "owns no partition in generation 0 and idles",
		"owns no partition in generation 2 and idles",
	}, got)
	require.Equal(t, prose.Notable, weights[5])
	require.Equal(t, prose.Ordinary, weights[6], "the same again is no news")
}
