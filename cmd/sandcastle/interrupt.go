package main

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// cleanup is what an interrupt removes: the half-written run directories.
var cleanup struct {
	sync.Mutex
	paths   map[string]bool
	signals chan os.Signal // nil while an interrupt is nobody's here
}

// removeOnInterrupt has path removed if SIGINT or SIGTERM ends the program, which then exits as a
// shell expects: 128 plus the signal's number.
func removeOnInterrupt(path string) {
	cleanup.Lock()
	defer cleanup.Unlock()
	if cleanup.paths == nil {
		cleanup.paths = map[string]bool{}
	}
	cleanup.paths[path] = true
	if cleanup.signals != nil {
		return
	}
	signals := make(chan os.Signal, 1)
	cleanup.signals = signals
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		s, interrupted := <-signals
		if !interrupted {
			return
		}
		cleanup.Lock()
		for p := range cleanup.paths {
			os.RemoveAll(p)
		}
		code := 128 + int(syscall.SIGTERM)
		if s == os.Interrupt {
			code = 128 + int(syscall.SIGINT)
		}
		os.Stderr.WriteString("\nsandcastle: interrupted, nothing half-written is left\n")
		os.Exit(code)
	}()
}

// forgetInterrupts leaves interrupts to somebody else, once nothing half-written is left.
func forgetInterrupts() {
	cleanup.Lock()
	defer cleanup.Unlock()
	if cleanup.signals != nil && len(cleanup.paths) == 0 {
		signal.Stop(cleanup.signals)
		close(cleanup.signals)
		cleanup.signals = nil
	}
}

// keepOnInterrupt takes removeOnInterrupt back.
func keepOnInterrupt(path string) {
	cleanup.Lock()
	defer cleanup.Unlock()
	delete(cleanup.paths, path)
}
