package measure

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// measured is what a history written by hand gives.
func measured(end model.Time, ops ...kafka.Op) map[string]int64 {
	return OfHistory(kafka.History(ops), end)
}

const ms = model.Time(1_000_000)

var orders0 = kafka.TopicPartition{Topic: "orders"}

func sendOp(process int, at model.Time, outcome kafka.OpType, offset kafka.Offset) kafka.Op {
	return kafka.Op{
		Process: process, Time: at, Type: outcome, F: kafka.FSend, Client: "producer-p1",
		Value: []kafka.Mop{{F: kafka.FSend, Key: orders0, Offset: offset}},
	}
}

func pollOp(client, group string, at model.Time, offsets ...kafka.Offset) kafka.Op {
	polled := kafka.PolledRecords{Key: orders0}
	for _, o := range offsets {
		polled.Records = append(polled.Records, kafka.PolledRecord{Offset: o})
	}
	return kafka.Op{
		Time: at, Type: kafka.OK, F: kafka.FPoll, Client: client, Group: group,
		Value: []kafka.Mop{{F: kafka.FPoll, Polled: []kafka.PolledRecords{polled}}},
	}
}

func joinOp(client, group string) kafka.Op {
	return kafka.Op{Type: kafka.OK, F: kafka.FSubscribe, Client: client, Group: group, Keys: []string{"orders"}}
}

func TestSendMeasures(t *testing.T) {
	got := measured(ms*1000,
		sendOp(0, 10*ms, kafka.Invoke, -1), sendOp(1, 11*ms, kafka.Invoke, -1),
		sendOp(0, 12*ms, kafka.OK, 0), // 2 ms, and 1 still waits
		sendOp(1, 51*ms, kafka.OK, 1), // 40 ms, of which nobody was answered for 39
		// Nobody waits for 100 ms.
		sendOp(0, 151*ms, kafka.Invoke, -1), sendOp(0, 154*ms, kafka.OK, 2),
		sendOp(0, 160*ms, kafka.Invoke, -1), sendOp(0, 210*ms, kafka.Fail, -1),
	)
	require.Equal(t, int64(3*ms), got["ack.p50"])
	require.Equal(t, int64(40*ms), got["ack.p99"])
	require.Equal(t, int64(40*ms), got["ack.max"])
	require.Equal(t, int64(50*ms), got["ack.gap"], "the failed send was never answered")
	require.Equal(t, int64(21), got["ack.rate"], "3 records in 144 ms")
	require.Equal(t, int64(3), got["send.ok.orders-0"])

	require.NotContains(t, measured(ms), "ack.gap", "nobody sent")
	none := measured(ms, sendOp(0, 10*ms, kafka.Invoke, -1), sendOp(0, 15*ms, kafka.Info, -1))
	require.Equal(t, int64(5*ms), none["ack.gap"])
	require.NotContains(t, none, "ack.p50")
}

func TestReadMeasures(t *testing.T) {
	send := func(at model.Time, offset kafka.Offset) []kafka.Op {
		return []kafka.Op{sendOp(0, at, kafka.Invoke, -1), sendOp(0, at+ms, kafka.OK, offset)}
	}
	var ops []kafka.Op
	ops = append(ops, joinOp("consumer-1", "billing"), joinOp("consumer-2", "audit"))
	for i := range 4 {
		ops = append(ops, send(model.Time(10*(i+1))*ms, kafka.Offset(i))...)
	}
	ops = append(ops,
		pollOp("consumer-1", "billing", 50*ms, 0, 1),
		pollOp("consumer-1", "billing", 60*ms, 1, 2), // 1 again
		pollOp("consumer-3", "billing", 90*ms, 3),
		pollOp("consumer-2", "audit", 95*ms, 0),
	)
	final := pollOp("final-reader", "", 300*ms, 0, 1, 2, 3)
	final.Final = true
	got := measured(80*ms, append(ops, final)...)
	require.Equal(t, int64(4), got["lag.most"], "before anybody read")
	require.Equal(t, int64(1+4), got["lag.end"], "billing lacked one record at 80 ms, audit all four")
	require.Equal(t, int64(1), got["records.read.again"])
	require.Equal(t, int64(3), got["records.unread"], "audit read one of four")
	require.Equal(t, int64(4), got["records.read.consumer-1"])
	require.Equal(t, int64(1), got["records.read.consumer-3"])
	require.NotContains(t, got, "records.read.final-reader")
	require.Equal(t, int64(30*ms), got["read.p50"], "40, 30, 30 and 50 ms")
	require.Equal(t, int64(50*ms), got["read.p99"])
	require.Equal(t, int64(133), got["read.rate"], "6 records in 45 ms")
}
