package main

import (
	"context"
	"fmt"
	"io"
	"runtime"

	"github.com/spf13/cobra"

	"sandcastle/model"
	"sandcastle/reports/text"
	"sandcastle/scenarios/shrink"
	"sandcastle/scenarios/sweep"
)

// firstPlays is how many candidates a sweep judges for each kind of failure.
const firstPlays = 200

// shrinkFirsts makes the first run of each kind of failure small. An interrupt ends it.
func shrinkFirsts(cmd *cobra.Command, ctx context.Context, plan *sweep.Plan,
	list []*sweep.Failures) error {
	if len(list) == 0 {
		return nil
	}
	bar := newProgress(cmd.ErrOrStderr(), "shrinking what failed")
	defer bar.done()
	opts := shrink.Options{
		Plays: firstPlays, Jobs: runtime.GOMAXPROCS(0), Observer: firstWatch{bar},
	}
	return plan.Shrink(ctx, list, opts, func(text string) { fmt.Fprintln(cmd.ErrOrStderr(), text) })
}

// firstWatch shows how the search goes on.
type firstWatch struct{ bar *progress }

func (w firstWatch) Playing(now, end model.Time) { memoryAdjuster(now, end) }
func (w firstWatch) Played(plays, most int) {
	w.bar.update(model.Time(plays), model.Time(most))
}
func (w firstWatch) Better(size shrink.Size, _ string) { w.bar.describe(sizeText(size)) }

// sizeText is a size in a few words.
func sizeText(size shrink.Size) string {
	return fmt.Sprintf("%d entries, %d bytes", size.Entries, size.Bytes)
}

// printFirst says what became of the first run of a kind of failure.
func printFirst(w io.Writer, f *sweep.Failures) {
	if f.File == "" {
		return
	}
	if r := f.Shrunk; r != nil {
		fmt.Fprintf(w, "  shrunk      %d entries of the timeline to %d, %d nodes to %d\n",
			r.Before.Entries, r.After.Entries, r.Before.Nodes, r.After.Nodes)
	}
	fmt.Fprintf(w, "  small with  %s\n", text.CommandOfFile(calledAs(), f.File))
}
