package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"sandcastle/model"
)

// The exit codes of every command.
const (
	exitOK        = 0 // the claim held
	exitViolated  = 1 // it did not
	exitUndecided = 2 // a checker hit its budget, or the run did not settle
	exitInput     = 3 // bad input or usage
	exitInternal  = 4 // internal error or nondeterminism
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

// inputError is a mistake of the user.
func inputError(format string, args ...any) error {
	return &exitError{exitInput, fmt.Errorf(format, args...)}
}

func main() {
	tuneMemory()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole program; it returns the exit code. An error is printed once, here.
func run(args []string, stdout, stderr io.Writer) (code int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(stderr, "sandcastle: internal error: %v\n%s", r, stack())
			code = exitInternal
		}
	}()
	root := newRoot(stdout, stderr)
	root.SetArgs(args)
	err := root.Execute()
	var exit *exitError
	var input *model.InputError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit) && exit.err == nil:
		return exit.code
	case errors.As(err, &exit):
		code = exit.code
	case errors.As(err, &input), isUsage(err):
		code = exitInput
	default:
		code = exitInternal
	}
	fmt.Fprintf(stderr, "sandcastle: %v\n", err)
	return code
}

func newRoot(stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "sandcastle",
		Short: "A whole Kafka in a sandbox",
		Long: `Sandcastle plays Kafka clusters (brokers, clients, ZooKeeper) over a simulated clock,
network and disk. A scenario is a YAML file and a seed; every run replays byte for byte, is judged
and is drawn.

Exit codes: 0 the claim held, 1 it did not, 2 undecided, 3 bad input or usage, 4 internal error or
nondeterminism.`,
		Example: `  sandcastle list
  sandcastle run replication/leader-failover
  sandcastle run my-scenario.yaml --seed 7 --out out/mine`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       model.EngineVersion,
	}
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(newList(), newRun(), newReplay(), newCheck(), newReport(), newSchema())
	return root
}

// usageError marks what cobra finds wrong with flags and arguments.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }

func isUsage(err error) bool {
	var u usageError
	return errors.As(err, &u) || !errors.Is(err, errInternal)
}

// errInternal marks an error that is no mistake of the user.
var errInternal = errors.New("internal error")
