package tools

import (
	"errors"
	"fmt"
	"strings"

	"sandcastle/broker/wire"
)

// RefusedError is an operation that the cluster did not carry out, or may not have.
type RefusedError struct{ text string }

// Error implements error.
func (e *RefusedError) Error() string { return e.text }

// ErrInterrupted is what a tool ends with when its context ended before its work did.
var ErrInterrupted = errors.New("interrupted")

// refusal is a broker's answer that is no success, as a person reads it.
func refusal(about string, code wire.Code, message string) error {
	text := about + ": " + code.String()
	if message != "" && message != code.String() {
		text += ": " + strings.TrimSuffix(message, ".")
	}
	return refused("%s", text)
}

func refused(format string, args ...any) error {
	return &RefusedError{fmt.Sprintf(format, args...)}
}
