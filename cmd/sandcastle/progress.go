package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"sandcastle/model"
)

// progress is a bar on stderr that appears when a run takes longer than a second, and only where a
// person can see it.
type progress struct {
	out     io.Writer
	what    string
	started time.Time
	visible bool
	bar     *progressbar.ProgressBar
}

func newProgress(out io.Writer, what string) *progress {
	out, what = raw(out), model.Clip(model.Printable(what), 60)
	f, ok := out.(*os.File)
	return &progress{
		out:     out,
		what:    what,
		started: time.Now(),
		visible: ok && term.IsTerminal(int(f.Fd())),
	}
}

// update draws the virtual time, several times a virtual second.
func (p *progress) update(now, end model.Time) {
	adjustMemory(memoryFloor)
	if !p.visible || time.Since(p.started) < time.Second {
		return
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions64(int64(end), progressbar.OptionSetWriter(p.out),
			progressbar.OptionSetDescription(p.what), progressbar.OptionClearOnFinish(),
			progressbar.OptionSetWidth(30), progressbar.OptionEnableColorCodes(os.Getenv("NO_COLOR") == ""),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetPredictTime(false))
	}
	_ = p.bar.Set64(int64(min(now, end))) // a bar that cannot be drawn is no reason to stop
}

// describe says beside the bar how it stands.
func (p *progress) describe(how string) {
	if p.bar != nil {
		p.bar.Describe(p.what + ": " + how)
	}
}

func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
