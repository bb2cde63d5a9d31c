package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"

	"sandcastle/broker/tools"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// The exit codes of every command.
const (
	exitOK        = 0 // the claim held
	exitViolated  = 1 // it did not
	exitUndecided = 2 // a checker hit its budget, or the run did not settle
	exitInput     = 3 // bad input or usage
	exitInternal  = 4 // internal error or nondeterminism
	// exitSignal and the number of a signal is what a shell shows of a program that it ended:
	// exitInterrupted for SIGINT, 143 for SIGTERM.
	exitSignal      = 128
	exitInterrupted = exitSignal + int(syscall.SIGINT)
)

// exitError ends the program with a code. A nil err prints nothing more.
type exitError struct {
	code int
	err  error
}

// Error implements error.
func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

// Unwrap returns the cause.
func (e *exitError) Unwrap() error { return e.err }

func main() {
	stop := tuneMemory(floorOf(os.Args[1:]))
	code := run(os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program; it returns the exit code. An error is printed once, here. Whatever text
// comes from a file or over the network, a terminal only prints it.
func run(args []string, rawOut, rawErr io.Writer) (code int) {
	stdout, stderr := model.PrintableWriter{To: rawOut}, model.PrintableWriter{To: rawErr}
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(stderr, "sandcastle: internal error: %v\n%s", r, debug.Stack())
			code = exitInternal
		}
	}()
	root := newRoot(stdout, stderr)
	root.SetArgs(args)
	err := root.Execute()
	var exit *exitError
	if err != nil && !(errors.As(err, &exit) && exit.err == nil) {
		fmt.Fprintf(stderr, "sandcastle: %s\n", model.ClipMessage(reason(err)))
	}
	return exitCode(err)
}

// reason is what an error says to a person, to whom a context is nothing.
func reason(err error) string {
	if errors.Is(err, context.Canceled) {
		return "interrupted"
	}
	return err.Error()
}

// exitCode is what an error ends the program with.
func exitCode(err error) int {
	var exit *exitError
	var input *model.InputError
	var refused *tools.RefusedError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		return exit.code
	case errors.As(err, &refused):
		return exitViolated
	case errors.Is(err, tools.ErrInterrupted):
		return exitInterrupted
	case errors.As(err, &input):
		return exitInput
	default:
		return exitInternal
	}
}

// raw is the stream behind one that only prints, for who draws on a terminal or passes bytes on.
func raw(stream io.Writer) io.Writer {
	if w, ok := stream.(model.PrintableWriter); ok {
		return w.To
	}
	return stream
}

func newRoot(stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "sandcastle",
		Short: "A whole Kafka in a sandbox",
		Long: `Sandcastle plays Kafka clusters (brokers, clients, ZooKeeper) over a simulated clock,
network and disk. A scenario is a YAML file and a seed; every run replays byte for byte, is judged
and is drawn.

Exit codes: 0 the claim held or nothing was claimed, 1 it did not hold, 2 undecided or nothing to
judge, 3 bad input or usage, 4 internal error or nondeterminism; 130 and 143 interrupted by SIGINT
or SIGTERM (but 0 of serve and consume, which end that way).`,
		Example: `  sandcastle list
  sandcastle run replication/leader-failover
  sandcastle run my-scenario.yaml --seed 7 --out out/mine`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			hint := "`sandcastle --help` lists the commands"
			if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
				hint = "did you mean " + strconv.Quote(near[0]) + "?"
			}
			return model.BadInput("unknown command %q (%s)", args[0], hint)
		},
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       kafka.EngineVersion,
	}
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return &exitError{exitInput, err}
	})
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(newList(), newRun(), newTeach(), newReplay(), newCheck(), newReport(), newCourse(),
		newSweep(), newShrink(), newSchema(), newServe(), newRecord(),
		newTopic(), newProduce(), newConsume(), newGroup())
	return root
}
