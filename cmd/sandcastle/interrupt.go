package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/spf13/cobra"
)

// halfWritten are the run directories that an interrupt removes.
var halfWritten = &unfinished{paths: map[string]bool{}}

// unfinished is a set of paths that are removed if SIGINT or SIGTERM ends the program, which then
// exits as a shell expects: 128 plus the signal's number. While the set is empty and nothing was
// ever in it, or after forget, an interrupt is somebody else's.
type unfinished struct {
	mu      sync.Mutex
	paths   map[string]bool
	signals chan os.Signal // nil while interrupts are not for us
}

// Add implements rundir.Unfinished.
func (u *unfinished) Add(path string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.paths[path] = true
	if u.signals != nil {
		return
	}
	u.signals = make(chan os.Signal, 1)
	signal.Notify(u.signals, os.Interrupt, syscall.SIGTERM)
	go u.await(u.signals)
}

// Remove implements rundir.Unfinished.
func (u *unfinished) Remove(path string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.paths, path)
}

// await removes everything at the first signal and ends the program.
func (u *unfinished) await(signals <-chan os.Signal) {
	s, interrupted := <-signals
	if !interrupted {
		return
	}
	u.mu.Lock() // nothing is added from here on
	for p := range u.paths {
		os.RemoveAll(p)
	}
	os.Stderr.WriteString("\nsandcastle: interrupted, nothing half-written is left\n")
	os.Exit((&signalError{s}).code())
}

// forget leaves interrupts to somebody else, once nothing half-written is left.
func (u *unfinished) forget() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.signals != nil && len(u.paths) == 0 {
		signal.Stop(u.signals)
		close(u.signals)
		u.signals = nil
	}
}

// signalError is the cause of a context that a signal ended.
type signalError struct{ signal os.Signal }

// Error implements error.
func (e *signalError) Error() string { return "interrupted: " + e.signal.String() }

// code is what a shell shows of a program that the signal ended: 130 for SIGINT, 143 for SIGTERM.
func (e *signalError) code() int {
	if number, ok := e.signal.(syscall.Signal); ok {
		return exitSignal + int(number)
	}
	return exitInterrupted
}

// untilSignal is a context that SIGINT or SIGTERM ends, with a *signalError as its cause. After
// stop such a signal ends the program.
func untilSignal(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case s := <-signals:
			cancel(&signalError{s})
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(context.Canceled)
	}
}

// signalExit ends the program with the code of the signal that ended ctx, and err, which may be
// nil. Without a signal it is err.
func signalExit(ctx context.Context, err error) error {
	var s *signalError
	if errors.As(context.Cause(ctx), &s) {
		return &exitError{s.code(), err}
	}
	return err
}

// untilInterrupted is the context of a tool: SIGINT or SIGTERM ends it, a second one ends the
// program. A write to a pipe that nobody reads fails, where it would end the program.
func untilInterrupted(cmd *cobra.Command) (ctx context.Context, stop func()) {
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop = untilSignal(cmd.Context())
	context.AfterFunc(ctx, stop)
	return ctx, stop
}
