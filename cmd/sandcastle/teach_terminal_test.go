//go:build unix

package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
	"github.com/stretchr/testify/require"
	"golang.org/x/term"

	"sandcastle/scenarios"
)

// desk is the built program at a terminal: a pseudo-terminal with an emulator behind it.
type desk struct {
	t        *testing.T
	cmd      *exec.Cmd
	keyboard *os.File // our end of the pseudo-terminal
	tty      *os.File // the program's end
	before   *term.State

	mu     sync.Mutex
	screen *vt.Emulator
	raw    strings.Builder
	drawn  chan struct{} // something was drawn
	left   chan error    // the program has ended
}

// sit starts the program at a terminal of 80×24.
func sit(t *testing.T, program string, env []string, args ...string) *desk {
	keyboard, tty, err := pty.Open()
	if err != nil {
		t.Skip("no pseudo-terminal is to be had here:", err)
	}
	require.NoError(t, pty.Setsize(keyboard, &pty.Winsize{Rows: 24, Cols: 80}))
	d := &desk{t: t, keyboard: keyboard, tty: tty, screen: vt.NewEmulator(80, 24),
		drawn: make(chan struct{}, 1), left: make(chan error, 1)}
	d.before, err = term.GetState(int(tty.Fd()))
	require.NoError(t, err)
	d.cmd = exec.Command(program, args...)
	d.cmd.Dir = t.TempDir()
	d.cmd.Env = append(
		[]string{"TERM=xterm-256color", "PATH=" + os.Getenv("PATH"), "HOME=" + d.cmd.Dir},
		env...)
	d.cmd.Stdin, d.cmd.Stdout, d.cmd.Stderr = tty, tty, tty
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	require.NoError(t, d.cmd.Start())
	go d.watch()
	go func() { _, _ = io.Copy(keyboard, d.screen) }() // a terminal answers what it is asked
	go func() { d.left <- d.cmd.Wait() }()
	t.Cleanup(func() {
		_ = d.cmd.Process.Kill()
		keyboard.Close()
		tty.Close()
	})
	return d
}

// watch draws what the program writes.
func (d *desk) watch() {
	buf := make([]byte, 1<<16)
	for {
		n, err := d.keyboard.Read(buf)
		d.mu.Lock()
		d.raw.Write(buf[:n])
		_, _ = d.screen.Write(buf[:n])
		d.mu.Unlock()
		select {
		case d.drawn <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// lines is what stands on the screen.
func (d *desk) lines() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	lines := strings.Split(d.screen.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \r")
	}
	return lines
}

// sees waits until all of the texts stand on the screen.
func (d *desk) sees(texts ...string) string {
	d.t.Helper()
	late := time.After(30 * time.Second)
	for {
		screen, missing := strings.Join(d.lines(), "\n"), ""
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				missing = text
			}
		}
		if missing == "" {
			return screen
		}
		select {
		case <-d.drawn:
		case <-late:
			d.t.Fatalf("%q does not come:\n%s", missing, screen)
		}
	}
}

func (d *desk) types(keys string) {
	d.t.Helper()
	_, err := d.keyboard.WriteString(keys)
	require.NoError(d.t, err)
}

// leaves waits for the end and returns the exit code. The terminal is as it was.
func (d *desk) leaves() int {
	d.t.Helper()
	select {
	case err := <-d.left:
		var exit *exec.ExitError
		require.True(d.t, err == nil || errors.As(err, &exit), "%v", err)
	case <-time.After(30 * time.Second):
		d.t.Fatal("the program does not end:\n", strings.Join(d.lines(), "\n"))
	}
	d.sees("report ") // what is told in parting is drawn last
	after, err := term.GetState(int(d.tty.Fd()))
	require.NoError(d.t, err)
	require.Equal(d.t, d.before, after, "the terminal's mode")
	d.mu.Lock()
	defer d.mu.Unlock()
	require.False(d.t, d.screen.IsAltScreen())
	raw := d.raw.String()
	require.GreaterOrEqual(
		d.t,
		strings.LastIndex(raw, "\x1b[?25h"),
		strings.LastIndex(raw, "\x1b[?25l"),
		"the cursor",
	)
	return d.cmd.ProcessState.ExitCode()
}

const (
	keyRight    = "\x1b[C"
	keyLeft     = "\x1b[D"
	keyDown     = "\x1b[B"
	keyUp       = "\x1b[A"
	keyPageDown = "\x1b[6~"
	keyPageUp   = "\x1b[5~"
)

// framed holds that the screen comes to be whole: the lesson on the first line and the keys on the last, so that
// no line was too wide and nothing was pushed out. What was seen may be of a screen that is half drawn.
func (d *desk) framed(rows int) {
	d.t.Helper()
	ruled := regexp.MustCompile("^━+─*$")
	late := time.After(30 * time.Second)
	for {
		lines := d.lines()
		if len(lines) == rows && strings.HasPrefix(lines[0], "replication/leader-failover") &&
			ruled.MatchString(lines[1]) && strings.Contains(lines[rows-1], "quit") {
			return
		}
		select {
		case <-d.drawn:
		case <-late:
			d.t.Fatalf("the screen does not come to be whole in %d lines:\n%s", rows, strings.Join(lines, "\n"))
		}
	}
}

var coloured = regexp.MustCompile(`\x1b\[[0-9;]*\b(3[0-7]|4[0-7]|9[0-7]|38|48)[0-9;:]*m`)

func TestTeachAtATerminal(t *testing.T) {
	t.Parallel()
	program := program(t)
	t.Run("walk", func(t *testing.T) { t.Parallel(); walksAtATerminal(t, program) })
	t.Run("leave", func(t *testing.T) { t.Parallel(); givesTheTerminalBack(t, program) })
	t.Run("dumb", func(t *testing.T) { t.Parallel(); tellsADumbTerminal(t, program) })
}

// walksAtATerminal is the whole walk with real keys at 80×24, with colours and without.
func walksAtATerminal(t *testing.T, program string) {
	s, err := scenarios.Lesson("leader-failover")
	require.NoError(t, err)
	answer := "answer    b) " + strings.Join(strings.Fields(s.Predict.Answer)[:3], " ")
	for _, env := range [][]string{nil, {"NO_COLOR=1"}} {
		d := sit(t, program, env, "teach", "leader-failover")
		d.sees("introduction", "question  The leader dies under load.")
		d.framed(24)
		d.types(" ")
		d.sees("step 1 of ", "▶", "seconds")
		d.framed(24)
		d.types(keyRight)
		d.sees("step 2 of ")
		d.types(keyLeft)
		d.sees("step 1 of ")
		for !strings.Contains(strings.Join(d.lines(), ""), "What do you expect?") {
			before := d.lines()[0]
			d.types(keyPageDown)
			for d.lines()[0] == before {
				<-d.drawn
			}
		}
		d.types("c" + keyUp)
		d.sees("▸ b) None, and a gap")
		d.types("\r")
		d.sees("you       b) None, and a gap", answer, "✓")
		d.framed(24)
		d.types(keyPageDown)
		d.sees("is killed", "✗")
		d.types(keyPageUp)
		d.sees(answer)
		d.types("j" + keyDown + keyDown)
		d.sees("Jump to", "▸ ")
		d.types("\r")
		d.sees("step ")
		d.types("?")
		d.sees("Keys", "the next step")
		d.types("?G")
		d.sees("verdict   the claim held", "you       b) None, and a gap")
		d.framed(24)
		d.types("k")
		d.sees("Enter play", "sandcastle run replication/leader-failover")
		d.types("\x15producers[0].acks=1\r")
		d.sees("as written", "changed", "lost-write ×")
		d.framed(24)
		d.types("\r")
		d.sees("with producers[0].acks=1", "introduction")
		d.types("\t")
		d.sees("verdict   the claim held")
		require.NoError(t, pty.Setsize(d.keyboard, &pty.Winsize{Rows: 40, Cols: 170}))
		d.mu.Lock()
		d.screen.Resize(170, 40)
		d.mu.Unlock()
		d.types("g")
		d.sees("introduction", strings.Repeat("─", 140))
		d.types(" ")
		d.sees("step 1 of ", "producer-p1", "zookeeper-1")
		d.framed(40)
		d.types("q")
		require.Equal(t, exitOK, d.leaves())
		require.Equal(
			t,
			env == nil,
			coloured.MatchString(d.raw.String()),
			"colours, NO_COLOR: %v",
			env,
		)
	}
}

// givesTheTerminalBack: Ctrl-C gives the terminal back, also while one is typing, and so does a signal from outside.
func givesTheTerminalBack(t *testing.T, program string) {
	for _, leave := range []func(d *desk){
		func(d *desk) { d.types("\x03") },
		func(d *desk) { d.types("Gk"); d.sees("Enter play"); d.types("\x03") },
		func(d *desk) { require.NoError(t, d.cmd.Process.Signal(syscall.SIGINT)) },
		func(d *desk) { require.NoError(t, d.cmd.Process.Signal(syscall.SIGTERM)) },
	} {
		d := sit(t, program, nil, "teach", "lost-ack")
		d.sees("introduction")
		leave(d)
		require.Equal(t, exitOK, d.leaves())
	}
}

// tellsADumbTerminal: a terminal that can do nothing gets the plain story.
func tellsADumbTerminal(t *testing.T, program string) {
	d := sit(t, program, []string{"TERM=dumb"}, "teach", "lost-ack")
	d.sees("verdict   the claim held")
	require.Equal(t, exitOK, d.leaves())
	require.NotContains(t, d.raw.String(), "\x1b")
}
