package sim

// TB is what a contract needs of a test; *testing.T has it. Contracts are not in a test file so
// that every world that runs processes can be held to them.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	FailNow()
}

// demand ends the test when a promise is broken.
func demand(t TB, kept bool, format string, args ...any) {
	if kept {
		return
	}
	t.Helper()
	t.Errorf(format, args...)
	t.FailNow()
}
