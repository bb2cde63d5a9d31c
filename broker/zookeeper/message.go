package zookeeper

// Op is one operation on a node: a request by itself, or part of a multi.
type Op struct {
	kind    op
	path    string
	data    []byte
	mode    CreateMode
	version int32 // −1 matches any
	watch   bool
}

// CreateOp creates a node.
func CreateOp(path string, data []byte, mode CreateMode) Op {
	return Op{kind: opCreate, path: path, data: data, mode: mode}
}

// SetOp replaces the data of a node that has the given version; −1 is any.
func SetOp(path string, data []byte, version int32) Op {
	return Op{kind: opSetData, path: path, data: data, version: version}
}

// DeleteOp deletes a node without children that has the given version; −1 is any.
func DeleteOp(path string, version int32) Op {
	return Op{kind: opDelete, path: path, version: version}
}

// CheckOp, in a multi, demands that a node has the given version.
func CheckOp(path string, version int32) Op {
	return Op{kind: opCheck, path: path, version: version}
}

// acl is what every node has: world:anyone may do everything.
func (e *encoder) acl() {
	e.int32(1)
	e.int32(31)
	e.string("world")
	e.string("anyone")
}

func (d *decoder) skipACL() {
	for range d.count(12) {
		d.int32()
		d.bytes()
		d.bytes()
	}
}

// body writes the request record of o.
func (e *encoder) body(o *Op) {
	e.string(o.path)
	switch o.kind {
	case opCreate, opCreate2:
		data := o.data
		if data == nil {
			data = []byte{}
		}
		e.bytes(data)
		e.acl()
		e.int32(int32(o.mode))
	case opSetData:
		e.bytes(o.data)
		e.int32(o.version)
	case opDelete, opCheck:
		e.int32(o.version)
	case opExists, opGetData, opGetChildren, opGetChildren2:
		e.bool(o.watch)
	}
}

// body reads the request record of an operation of that kind.
func (d *decoder) body(kind op) Op {
	o := Op{kind: kind, path: d.string()}
	switch kind {
	case opCreate, opCreate2:
		o.data = d.bytes()
		d.skipACL()
		o.mode = CreateMode(d.int32())
	case opSetData:
		o.data = d.bytes()
		o.version = d.int32()
	case opDelete, opCheck:
		o.version = d.int32()
	case opExists, opGetData, opGetChildren, opGetChildren2:
		o.watch = d.bool()
	}
	return o
}

// multi writes the request record of a multi: each operation behind a header, and a header that
// ends.
func (e *encoder) multi(ops []Op) {
	for i := range ops {
		e.multiHeader(ops[i].kind, false, -1)
		e.body(&ops[i])
	}
	e.multiHeader(opError, true, -1)
}

func (e *encoder) multiHeader(kind op, done bool, err Code) {
	e.int32(int32(kind))
	e.bool(done)
	e.int32(int32(err))
}

func (d *decoder) multi() []Op {
	var ops []Op
	for !d.bad {
		kind, done := op(d.int32()), d.bool()
		d.int32()
		if done || d.bad {
			break
		}
		switch kind {
		case opCreate, opCreate2, opSetData, opDelete, opCheck:
			ops = append(ops, d.body(kind))
		default:
			d.bad = true
		}
	}
	return ops
}

// connectRequest opens a session, or resumes an older one.
type connectRequest struct {
	lastZxid int64
	timeout  int32 // milliseconds
	session  int64
	password []byte
}

func (e *encoder) connect(r *connectRequest) {
	e.int32(0) // protocol version
	e.int64(r.lastZxid)
	e.int32(r.timeout)
	e.int64(r.session)
	e.bytes(r.password)
	e.bool(false) // may be read only
}

func (d *decoder) connect() connectRequest {
	d.int32()
	return connectRequest{
		lastZxid: d.int64(),
		timeout:  d.int32(),
		session:  d.int64(),
		password: d.bytes(),
	}
	// Clients before 3.4 leave out the last field, so it is not asked for.
}

// connectResponse answers it; a timeout of 0 says that the session is gone.
type connectResponse struct {
	timeout  int32
	session  int64
	password []byte
}

func (e *encoder) connected(r *connectResponse) {
	e.int32(0)
	e.int32(r.timeout)
	e.int64(r.session)
	e.bytes(r.password)
	e.bool(false)
}

func (d *decoder) connected() connectResponse {
	d.int32()
	return connectResponse{timeout: d.int32(), session: d.int64(), password: d.bytes()}
}

// Result is the outcome of a request. Which fields mean something depends on the request.
type Result struct {
	Err      Code
	Path     string // of a create: the path that the node got
	Data     []byte
	Stat     Stat
	Children []string // sorted
	// Results holds, for a multi, the outcome of each operation. When one failed it carries its code,
	// those before it ErrNone and those behind it ErrRuntimeInconsistency, and none took effect.
	Results []Result
}

// result writes the reply record of an operation of that kind.
func (e *encoder) result(kind op, r *Result) {
	switch kind {
	case opCreate:
		e.string(r.Path)
	case opCreate2:
		e.string(r.Path)
		e.stat(&r.Stat)
	case opExists, opSetData:
		e.stat(&r.Stat)
	case opGetData:
		e.bytes(r.Data)
		e.stat(&r.Stat)
	case opGetChildren:
		e.strings(r.Children)
	case opGetChildren2:
		e.strings(r.Children)
		e.stat(&r.Stat)
	case opSync:
		e.string(r.Path)
	}
}

func (d *decoder) result(kind op) Result {
	var r Result
	switch kind {
	case opCreate, opSync:
		r.Path = d.string()
	case opCreate2:
		r.Path, r.Stat = d.string(), d.stat()
	case opExists, opSetData:
		r.Stat = d.stat()
	case opGetData:
		r.Data, r.Stat = d.bytes(), d.stat()
	case opGetChildren:
		r.Children = d.strings()
	case opGetChildren2:
		r.Children, r.Stat = d.strings(), d.stat()
	}
	return r
}

// multiResult writes the outcome of each operation; one that failed has the type −1 and its code.
func (e *encoder) multiResult(ops []Op, results []Result) {
	failed := failedMulti(results)
	for i := range results {
		if failed {
			e.multiHeader(opError, false, results[i].Err)
			e.int32(int32(results[i].Err))
			continue
		}
		e.multiHeader(ops[i].kind, false, ErrNone)
		e.result(ops[i].kind, &results[i])
	}
	e.multiHeader(opError, true, -1)
}

func failedMulti(results []Result) bool {
	for i := range results {
		if results[i].Err != ErrNone {
			return true
		}
	}
	return false
}

func (d *decoder) multiResult() []Result {
	var results []Result
	for !d.bad {
		kind, done := op(d.int32()), d.bool()
		d.int32()
		if done || d.bad {
			break
		}
		if kind == opError {
			results = append(results, Result{Err: Code(d.int32())})
			continue
		}
		results = append(results, d.result(kind))
	}
	return results
}
