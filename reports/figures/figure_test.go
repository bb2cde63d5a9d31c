package figures

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/palette"
	"sandcastle/reports/prose"
	"sandcastle/reports/recorded"
)

var rewrite = flag.Bool("rewrite", false, "write the files under testdata anew")

// kept holds what a test got to a file under testdata. After a change:
// go test ./reports/figures -rewrite, then read the difference.
func kept(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *rewrite {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "go test ./reports/figures -rewrite makes it")
	require.Equal(t, string(want), got, path)
}

// Every figure is kept in words: axes, series, marks.
func TestFiguresAreAsKept(t *testing.T) {
	runs := map[string]*recorded.Run{
		"failover": recorded.Failover(200), "takeover": recorded.Takeover(),
		"network": recorded.Network(), "skew": recorded.Skew(),
	}
	for name, r := range runs {
		s := story(r)
		words := ""
		for _, row := range figureTable() {
			if d, alt := row.draw(s, wideFormat()); d != nil {
				words += fmt.Sprintf("%s: %s\n  in words %s\n%s\n", row.name, row.title, alt,
					outlineOf(d, s, wideFormat()))
			}
		}
		kept(t, name+".txt", words)
	}
}

// Two figures are kept byte for byte, lines on a wide page and bars on a narrow one.
func TestSVGIsAsKept(t *testing.T) {
	wide, narrow := All(story(recorded.Failover(200)))[0], All(story(recorded.Takeover()))[0]
	require.Equal(t, []string{"throughput", "ownership"}, []string{wide.Name, narrow.Name})
	kept(t, "failover-throughput.svg", string(wide.SVG))
	kept(t, "takeover-ownership-narrow.svg", string(narrow.Narrow))
}

func TestFiguresAreWellFormedAndNamed(t *testing.T) {
	figures := All(story(recorded.Failover(200)))
	require.Len(t, figures, 4)
	require.Equal(t, figures, All(story(recorded.Failover(200))), "equal stories give equal bytes")
	for _, f := range figures {
		for _, svg := range [][]byte{f.SVG, f.Narrow} {
			requireWellFormed(t, svg)
			require.Contains(t, string(svg), "<title id=")
			require.NotContains(t, string(svg), "style=", "a colour without a class")
			require.NotContains(t, string(svg), "Liberation Sans;")
		}
		require.Contains(t, f.Alt, "broker-2 down from 4.0 s to 8.0 s.")
		require.Contains(t, f.Alt, "broker-3 leads orders-0 at 5.2 s.")
	}
}

func requireWellFormed(t *testing.T, svg []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(svg))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
	}
}

// A wild run must not make a figure that no browser likes to open.
func TestFiguresStaySmall(t *testing.T) {
	c := digest.NewCollector()
	rand := model.NewRand(5, "figures")
	for i := range 400_000 {
		at := model.Time(i) * 75_000
		node := model.NodeID(fmt.Sprintf("broker-%d", 1+i%5))
		tp := kafka.TopicPartition{Topic: "orders", Partition: int32(i / 5 % 8)}
		offset := kafka.Offset(rand.Below(uint64(i + 1)))
		c.Observe(&kafka.TraceLine{TraceLine: model.TraceLine{At: at, Node: node, Kind: "log-end"}, Note: kafka.Note{
			Kind: kafka.LogEnd, Topic: tp.Topic, Partition: tp.Partition, Offset: offset}})
	}
	figures := All(c.Story(kafka.Run{}))
	require.Len(t, figures, 2)
	require.Contains(t, string(figures[0].SVG), "2 further partitions are not drawn")
	require.Contains(t, string(figures[1].SVG), "the busiest 6 of 8 partitions")
	require.Less(t, len(figures[0].SVG), 200_000, "even noise is bounded")
	require.Less(t, len(figures[1].SVG), 60_000)

	steady := All(story(recorded.Failover(1000)))
	for _, f := range steady {
		require.Less(t, len(f.SVG), 60_000, f.Name)
	}
}

// A figure is drawn only where there is something to see.
func TestFiguresThatAreDrawn(t *testing.T) {
	names := func(r *recorded.Run) []string {
		var out []string
		for _, f := range All(story(r)) {
			out = append(out, f.Name)
		}
		return out
	}
	require.Equal(t, []string{"throughput", "latency", "offsets", "leadership"}, names(recorded.Failover(200)))
	require.Equal(t, []string{"offsets"}, names(recorded.Network()), "one partition, and nobody changes")
	require.Equal(t, []string{"ownership"}, names(recorded.Takeover()))
	require.Equal(t, []string{"offsets", "lag", "load"}, names(recorded.Skew()))
}

func TestARunWithoutDataHasNoFigures(t *testing.T) {
	require.Empty(t, All(digest.NewCollector().Story(kafka.Run{Verdict: kafka.VerdictOK})))
}

// Two owners at once must be seen: they share the lane.
func TestOwnershipShowsTwoOwners(t *testing.T) {
	r := &recorded.Run{}
	for i, node := range []model.NodeID{"consumer-1", "consumer-2"} {
		r.Note(model.Time(i+1)*1000*ms, node, kafka.Note{Kind: kafka.PartitionsAssigned, Group: "g",
			Member: string(node), Generation: 1, Partitions: []kafka.TopicPartition{{Topic: "t"}}})
	}
	r.Line(5000*ms, "", model.TraceEnd, "")
	s := story(r)
	require.Len(t, s.Groups, 1)
	look := func(model.NodeID) palette.Look { return palette.Nth(0) }
	bars := partitionBars(&s.Groups[0], kafka.TopicPartition{Topic: "t"}, look)
	require.Len(t, bars, 2)
	require.Equal(t, 1.0, bars[0].high)
	require.Equal(t, 0.45, bars[1].high)
}

// The dead time, between a member's death and the coordinator's noticing, belongs to nobody.
func TestOwnershipOfTheDead(t *testing.T) {
	s := story(recorded.Takeover())
	require.Len(t, s.Groups, 1)
	var got []string
	for _, w := range s.Groups[0].Owned {
		if w.TP.Partition == 1 && w.TP.Topic != "" {
			got = append(got, fmt.Sprintf("%s %s-%s dead=%v", w.Node, prose.Seconds(w.From, 2), prose.Seconds(w.To, 2),
				w.Dead))
		}
	}
	require.Equal(t, []string{
		"consumer-billing-2 4.00 s-10.00 s dead=false",
		"consumer-billing-2 10.00 s-20.00 s dead=true",
		"consumer-billing-3 21.61 s-30.00 s dead=false",
	}, got)
	require.Contains(t, All(s)[0].Alt,
		"orders-1: consumer-billing-2, then nobody, then consumer-billing-3.")
}

const ms = model.Time(1_000_000)

// story feeds a collector as a running simulation would.
func story(r *recorded.Run) *digest.Story {
	c := digest.NewCollector()
	r.Feed(c)
	return c.Story(r.Run)
}
