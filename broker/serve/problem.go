package serve

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"

	"sandcastle/broker/host"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// StartProblem says in one sentence why a cluster cannot start, and what helps.
func StartProblem(err error) error {
	who, _, _ := strings.Cut(err.Error(), ": ")
	flag := "--port"
	if who == "ZooKeeper" {
		flag = "--zookeeper-port"
	}
	var op *net.OpError
	var path *fs.PathError
	var inUse *host.InUseError
	switch {
	case errors.Is(err, syscall.EADDRINUSE) && errors.As(err, &op):
		return model.BadInput("%s: %s is in use: stop what listens there, or give another %s", who,
			op.Addr,
			flag)
	case errors.As(err, &op) && op.Addr == nil:
		return model.BadInput("%s cannot listen: %s; give another --bind", who, op.Err)
	case errors.As(err, &op):
		return model.BadInput("%s cannot listen on %s: %s; give another --bind or %s", who, op.Addr,
			model.PlainCause(op.Err), flag)
	case errors.As(err, &inUse):
		return model.BadInput("%s: stop that one, or give another --data", inUse)
	case errors.As(err, &path):
		return model.BadInput("%s cannot use %s: %s; give another --data", who, path.Path, path.Err)
	default:
		return model.BadInput("%s", err)
	}
}

// EndProblem is how a process of the cluster came to end by itself.
func EndProblem(err error) error {
	var ended *host.EndedError
	if errors.As(err, &ended) {
		if d, ok := kafka.ParseDamage(ended.Why); ok {
			return model.BadInput("%s: %s; %s", ended.Node, d.Words(), helpWith(d.File))
		}
	}
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &ended):
		return err
	case strings.Contains(ended.Why, "belongs to"):
		return model.BadInput("%s: %s; give the directory that is its own, or an empty one", ended.Node,
			ended.Why)
	case diskCause(ended.Why):
		return model.BadInput("%s: %s; make room there, or give another --data", ended.Node, ended.Why)
	default:
		return model.BadInput("%s: %s; look at its directory, or give another --data", ended.Node,
			ended.Why)
	}
}

// helpWith is what helps when a file of a process's directory cannot be read.
func helpWith(file string) string {
	if file == "meta.properties" {
		return "put a copy of it back, or remove it: it is written anew"
	}
	return "put a copy of it back, or give another --data: what it held is not elsewhere"
}

// ErrCutShort is that a cluster did not end in good order.
var ErrCutShort = errors.New("not everything ended in good order in time: the next start recovers")

// diskCause reports whether a process ended because its disk takes nothing, of which only the
// text of the error is left.
func diskCause(why string) bool {
	for _, cause := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, os.ErrPermission} {
		if strings.HasSuffix(why, cause.Error()) {
			return true
		}
	}
	return false
}
