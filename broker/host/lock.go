package host

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lockName is the file by which a process takes a directory for itself, as Kafka's .lock does.
const lockName = ".lock"

// InUseError says that another process has a directory.
type InUseError struct{ Dir string }

// Error implements error.
func (e *InUseError) Error() string {
	return fmt.Sprintf("%s is in use by another process", e.Dir)
}

// lockDir takes root until the file that it returns is closed, or its process dies.
func lockDir(root string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(root, lockName), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, &InUseError{Dir: root}
	}
	return f, nil
}
