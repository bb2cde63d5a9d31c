package oracle

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// patience is how long an answer may take. What Apache Kafka never answers costs as much.
const patience = 15 * time.Second

// target is one broker.
type target struct {
	name, addr string
	prefix     string // of every topic and group of this run
	versions   map[int16][2]int16
	topicIDs   map[[16]byte]string
	// aliases stand for what differs in every run, by kind and value: session1 for a session's id.
	aliases map[string]map[string]string
	corr    int32
	// noTransactions is true once its transaction coordinator has not come in time.
	noTransactions bool
}

// base is the "now" of all records, in milliseconds.
var base = time.Now().Truncate(time.Second).UnixMilli()

func newTarget(name, addr, prefix string) (*target, error) {
	t := &target{
		name: name, addr: addr, prefix: prefix, topicIDs: map[[16]byte]string{},
		versions: map[int16][2]int16{}, aliases: map[string]map[string]string{},
	}
	r := &player{t: t, res: &result{}}
	defer r.close()
	resp, ok := r.quiet(&kmsg.ApiVersionsRequest{}, 0).(*kmsg.ApiVersionsResponse)
	if !ok {
		return nil, fmt.Errorf("%s does not answer at %s", name, addr)
	}
	for _, k := range resp.ApiKeys {
		t.versions[k.ApiKey] = [2]int16{k.MinVersion, k.MaxVersion}
	}
	return t, nil
}

// player plays one exchange against one target.
type player struct {
	t     *target
	res   *result
	conn  *conn // of the exchange, nil before its first request and after one that it did not survive
	conns []*conn
	n     int // requests and notes so far
}

// result is what a target said in an exchange.
type result struct{ seen []observation }

// observation is one answer, or what became of a request without one, in fields that can be
// compared.
type observation struct {
	label  string
	fields map[string]string
	order  []string
}

// play runs an exchange on connections of its own.
func (t *target) play(c exchange) *result {
	r := &player{t: t, res: &result{}}
	t.aliases = map[string]map[string]string{}
	func() {
		defer func() {
			if e := recover(); e != nil {
				r.note("exchange broke off", fmt.Sprint(e))
			}
		}()
		c.play(r)
	}()
	r.close()
	return r.res
}

func (r *player) close() {
	for _, c := range r.conns {
		c.c.Close()
	}
}

type conn struct {
	r *player
	c net.Conn
}

func (r *player) dial() *conn {
	var err error
	for range 3 {
		var nc net.Conn
		if nc, err = net.DialTimeout("tcp", r.t.addr, patience); err == nil {
			c := &conn{r, nc}
			r.conns = append(r.conns, c)
			return c
		}
		time.Sleep(20 * time.Millisecond)
	}
	panic("cannot connect: " + err.Error())
}

func (r *player) def() *conn {
	if r.conn == nil {
		r.conn = r.dial()
	}
	return r.conn
}

func (r *player) serves(key, v int16) bool {
	if len(r.t.versions) == 0 {
		return true
	}
	span, ok := r.t.versions[key]
	return ok && v >= span[0] && v <= span[1]
}

// N is the name that stands for name in this run.
func (r *player) N(name string) string { return r.t.prefix + "-" + name }

var format = kmsg.NewRequestFormatter(kmsg.FormatterClientID("oracle"))

func (c *conn) send(req kmsg.Request, v int16) int32 {
	req.SetVersion(v)
	c.r.t.corr++
	frame := format.AppendRequest(nil, req, c.r.t.corr)
	_ = c.c.SetWriteDeadline(time.Now().Add(patience))
	_, _ = c.c.Write(frame) // that nobody takes it shows when nothing comes back
	return c.r.t.corr
}

func (c *conn) frame() ([]byte, error) {
	_ = c.c.SetReadDeadline(time.Now().Add(patience))
	var size [4]byte
	if _, err := io.ReadFull(c.c, size[:]); err != nil {
		return nil, err
	}
	n := int32(binary.BigEndian.Uint32(size[:]))
	if n < 0 || n > 200<<20 {
		return nil, fmt.Errorf("frame of %d bytes", n)
	}
	body := make([]byte, n)
	_, err := io.ReadFull(c.c, body)
	return body, err
}

func outcome(err error) string {
	var ne net.Error
	switch {
	case errors.As(err, &ne) && ne.Timeout():
		return "no answer"
	default:
		return "connection closed"
	}
}

// recv reads the answer to req, sent with correlation id corr.
func (c *conn) recv(req kmsg.Request, corr int32) (kmsg.Response, string) {
	body, err := c.frame()
	if err != nil {
		return nil, outcome(err)
	}
	if len(body) < 4 {
		return nil, "short frame"
	}
	if got := int32(binary.BigEndian.Uint32(body)); got != corr {
		return nil, "correlation id of another"
	}
	body = body[4:]
	resp := req.ResponseKind()
	resp.SetVersion(req.GetVersion())
	if resp.IsFlexible() && req.Key() != 18 {
		if len(body) < 1 {
			return nil, "no tags in header"
		}
		if body[0] != 0 {
			return nil, "tags in header"
		}
		body = body[1:]
	}
	if err := resp.ReadFrom(body); err != nil {
		if req.Key() == 18 {
			v0 := kmsg.NewPtrApiVersionsResponse()
			if v0.ReadFrom(body) == nil {
				return v0, "answer in v0"
			}
		}
		return nil, "undecodable: " + err.Error()
	}
	how := "answer"
	if again := resp.AppendTo(nil); string(again) != string(body) {
		how = fmt.Sprintf("answer of %d bytes that encodes to %d", len(body), len(again))
		if len(again) == len(body) {
			how = "answer"
		}
	}
	return resp, how
}

// ask sends req in version v on the connection of the case and notes what comes back.
func (r *player) ask(req kmsg.Request, v int16) kmsg.Response { return r.def().ask("", req, v) }

// say is ask with words for the label.
func (r *player) say(label string, req kmsg.Request, v int16) kmsg.Response {
	return r.def().ask(label, req, v)
}

func (c *conn) ask(label string, req kmsg.Request, v int16) kmsg.Response {
	r := c.r
	r.n++
	label = strings.TrimSpace(fmt.Sprintf("#%d %s v%d %s", r.n, kmsg.NameForKey(req.Key()), v, label))
	if !r.serves(req.Key(), v) {
		r.res.seen = append(
			r.res.seen,
			observation{label, map[string]string{"·": "version not served"}, []string{"·"}},
		)
		return nil
	}
	corr := c.send(req, v)
	return c.await(label, req, corr)
}

// await notes the answer to a request that was sent before.
func (c *conn) await(label string, req kmsg.Request, corr int32) kmsg.Response {
	r := c.r
	resp, how := c.recv(req, corr)
	o := observation{label: label, fields: map[string]string{}}
	o.put("·", how)
	if resp != nil {
		r.t.flatten(&o, "", reflect.ValueOf(resp).Elem(), resp.Key())
	} else if r.conn == c {
		r.conn = nil // a new one for the next request
	}
	r.res.seen = append(r.res.seen, o)
	return resp
}

// quiet sends req without noting anything.
func (r *player) quiet(req kmsg.Request, v int16) kmsg.Response {
	c := r.def()
	if !r.serves(req.Key(), v) {
		if v > r.t.versions[req.Key()][1] {
			v = r.t.versions[req.Key()][1]
		} else {
			v = r.t.versions[req.Key()][0]
		}
	}
	corr := c.send(req, v)
	resp, _ := c.recv(req, corr)
	if resp == nil {
		r.conn = nil
	}
	return resp
}

// raw sends bytes on a connection of its own and notes what becomes of it: of an answer the first
// bytes.
func (r *player) raw(label string, b []byte, wait time.Duration, show int) {
	c := r.dial()
	_, _ = c.c.Write(b)
	_ = c.c.SetReadDeadline(time.Now().Add(wait))
	var size [4]byte
	_, err := io.ReadFull(c.c, size[:])
	if err != nil {
		r.note(label, outcome(err))
		return
	}
	body := make([]byte, binary.BigEndian.Uint32(size[:]))
	if _, err = io.ReadFull(c.c, body); err != nil {
		r.note(label, outcome(err))
		return
	}
	body = body[:min(show, len(body))]
	r.note(label, "answer "+hex.EncodeToString(body)+"…")
}

func (r *player) note(label, what string) {
	r.n++
	o := observation{
		label:  fmt.Sprintf("#%d %s", r.n, strings.ToValidUTF8(label, "?")),
		fields: map[string]string{},
	}
	o.put("·", what)
	r.res.seen = append(r.res.seen, o)
}

func (o *observation) put(k, v string) {
	if _, ok := o.fields[k]; !ok {
		o.order = append(o.order, k)
	}
	o.fields[k] = v
}

// transactions waits until the coordinator of transactions serves. Ours has none, which is known
// after the first wait.
func (r *player) transactions() {
	q := kmsg.NewPtrFindCoordinatorRequest()
	q.CoordinatorKey, q.CoordinatorType = "tx", 1
	for range 50 {
		if r.t.noTransactions {
			return
		}
		if resp, _ := r.quiet(q, 3).(*kmsg.FindCoordinatorResponse); resp != nil && resp.ErrorCode == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	r.t.noTransactions = true
}
