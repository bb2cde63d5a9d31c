package figures

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/palette"
	"sandcastle/reports/recorded"
)

// legendOf is the legend of a figure, by its texts.
func legendOf(t *testing.T, s *digest.Story, name string) map[string]entry {
	t.Helper()
	out := map[string]entry{}
	for _, row := range figureTable() {
		if row.name != name {
			continue
		}
		d, _ := row.draw(s, wideFormat())
		require.NotNil(t, d, name)
		for _, e := range d.legend {
			out[e.text] = e
		}
	}
	return out
}

// A broker has one hue in every figure, also in one that lacks some of the others.
func TestBrokersHaveOneHueInAllFigures(t *testing.T) {
	s := story(recorded.Failover(200))
	offsets, leadership := legendOf(t, s, "offsets"), legendOf(t, s, "leadership")
	for i := range 3 {
		node := fmt.Sprintf("broker-%d", i+1)
		want := palette.NewCast(nil).Of(node)
		require.Equal(t, want.Line, offsets[node+" log end"].ink)
		require.Equal(t, want.Bar, leadership[node].ink)
	}
	r := &recorded.Run{}
	for _, epoch := range []kafka.Epoch{1, 2} { // in sync is nobody but the fifth broker
		r.Note(model.Time(epoch)*1000*ms, "broker-1", kafka.Note{Kind: kafka.LeaderElected, Topic: "t", Broker: 5,
			Epoch: epoch, Brokers: []kafka.BrokerID{5}})
	}
	require.Equal(t, palette.Nth(4).Bar, legendOf(t, story(r), "leadership")["broker-5"].ink)
}

// tenGroups read one partition; the last five commit the same at the same times.
func tenGroups() *digest.Story {
	r := &recorded.Run{}
	end := kafka.Note{Kind: kafka.LogEnd, Topic: "orders", Offset: 100}
	high := end
	high.Kind = kafka.HighWatermark
	r.Note(1000*ms, "broker-1", end)
	r.Note(1000*ms, "broker-1", high)
	for i := range 10 {
		for k := range 5 {
			offset := kafka.Offset(min(i+1, 6) * (k + 1))
			r.Note(model.Time(2+k)*1000*ms, "broker-1", kafka.Note{Kind: kafka.OffsetCommitted,
				Group: fmt.Sprintf("reader-%02d", i+1), Topic: "orders", Offset: offset})
		}
		r.Note(2000*ms, model.NodeID(fmt.Sprintf("consumer-%d", i+1)), kafka.Note{Kind: kafka.PartitionsAssigned,
			Group: "many", Member: fmt.Sprint(i), Partitions: []kafka.TopicPartition{{Topic: "orders", Partition: int32(i)}}})
	}
	r.Line(9000*ms, "", model.TraceEnd, "")
	return story(r)
}

// Ten readers of one partition are ten: each has a look of its own in the legend, and its number stands
// on its line, also where lines lie on each other.
func TestTenReadersOfOnePartitionAreToldApart(t *testing.T) {
	s := tenGroups()
	for _, name := range []string{"offsets", "lag"} {
		seen := map[string]string{}
		for text, e := range legendOf(t, s, name) {
			if !strings.Contains(text, "reader-") {
				continue
			}
			look := fmt.Sprint(e.ink, e.dashes)
			require.Empty(t, seen[look], "%s: %s looks like %s", name, text, seen[look])
			seen[look] = text
		}
		require.Len(t, seen, 10, name)
	}
	owners := map[string]string{}
	for text, e := range legendOf(t, s, "ownership") {
		look := fmt.Sprint(e.ink, e.striped)
		require.Empty(t, owners[look], "%s looks like %s", text, owners[look])
		owners[look] = text
	}
	require.Len(t, owners, 10)
	for _, f := range All(s) {
		if f.Name != "offsets" && f.Name != "lag" {
			continue
		}
		for _, svg := range []string{string(f.SVG), string(f.Narrow)} {
			for n := 1; n <= 10; n++ { // once in the legend, once on the line
				require.GreaterOrEqual(t, strings.Count(svg, fmt.Sprintf(">%d</text>", n)), 2, "%s: reader %d", f.Name, n)
			}
		}
	}
}

// What bars are drawn like stands in the legend: hatched, outlined, striped.
func TestLegendsExplainEveryBar(t *testing.T) {
	for _, r := range []*recorded.Run{recorded.Failover(200), recorded.Takeover()} {
		s := story(r)
		for _, row := range figureTable() {
			d, _ := row.draw(s, wideFormat())
			if d == nil {
				continue
			}
			var legend []bar
			for _, e := range d.legend {
				legend = append(legend, bar{hatch: e.hatch, open: e.open, striped: e.striped})
			}
			for i := range d.panels {
				for _, l := range d.panels[i].layers {
					bars, _ := l.(barLayer)
					for _, b := range bars.bars {
						require.Contains(t, legend, bar{hatch: b.hatch, open: b.open, striped: b.striped}, row.name)
					}
				}
			}
		}
	}
}
