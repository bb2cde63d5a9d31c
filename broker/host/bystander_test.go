package host

import (
	"bufio"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
)

// caller is one plain connection of a client.
type caller struct {
	conn net.Conn
	in   *bufio.Reader
	last int32
}

func newCaller(addr string) (*caller, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &caller{conn: conn, in: bufio.NewReader(conn)}, nil
}

// write puts requests into the socket, all at once.
func (c *caller) write(requests ...kmsg.Request) error {
	var all []byte
	for _, req := range requests {
		c.last++
		all = append(all, framed(wire.EncodeRequest(req, c.last, "caller"))...)
	}
	_, err := c.conn.Write(all)
	return err
}

// read reads the answer to req, which must have the correlation id.
func (c *caller) read(req kmsg.Request, correlation int32) (kmsg.Response, error) {
	if err := c.conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return nil, err
	}
	frame, err := readFrame(c.in, DefaultMaxFrame)
	if err != nil {
		return nil, err
	}
	resp := req.ResponseKind()
	resp.SetVersion(req.GetVersion())
	got, err := wire.DecodeResponse(frame, resp)
	if err == nil && got != correlation {
		err = fmt.Errorf("the answer to %d, want that to %d", got, correlation)
	}
	return resp, err
}

func (c *caller) call(req kmsg.Request) (kmsg.Response, error) {
	if err := c.write(req); err != nil {
		return nil, err
	}
	return c.read(req, c.last)
}

// produceTo is a request to write records to orders-0, fetchFrom one to read them.
func produceTo(acks int16, records []byte) *kmsg.ProduceRequest {
	req := kmsg.NewPtrProduceRequest()
	req.SetVersion(9)
	req.Acks, req.TimeoutMillis = acks, 10000
	part := kmsg.NewProduceRequestTopicPartition()
	part.Records = records
	req.Topics = []kmsg.ProduceRequestTopic{
		{Topic: "orders", Partitions: []kmsg.ProduceRequestTopicPartition{part}},
	}
	return req
}

func fetchFrom(offset int64, wait time.Duration, most int32) *kmsg.FetchRequest {
	req := kmsg.NewPtrFetchRequest()
	req.SetVersion(12)
	req.MaxWaitMillis, req.MinBytes, req.MaxBytes = int32(wait.Milliseconds()), 1, most
	req.SessionEpoch = -1
	part := kmsg.NewFetchRequestTopicPartition()
	part.FetchOffset, part.PartitionMaxBytes = offset, most
	req.Topics = []kmsg.FetchRequestTopic{
		{Topic: "orders", Partitions: []kmsg.FetchRequestTopicPartition{part}},
	}
	return req
}

// records is a batch of one record of so many bytes.
func records(size int) []byte {
	var b wire.BatchBuilder
	b.Append(time.Now().UnixMilli(), nil, make([]byte, size))
	return b.Bytes()
}

// bystander is a client that writes a record and reads it back, again and again, while others
// misbehave.
type bystander struct {
	trips int
	worst time.Duration
	err   error
}

// turn is one record there and back.
func (b *bystander) turn(c *caller) error {
	began := time.Now()
	resp, err := c.call(produceTo(-1, records(100)))
	if err != nil {
		return err
	}
	put := resp.(*kmsg.ProduceResponse).Topics[0].Partitions[0]
	if put.ErrorCode != 0 {
		return fmt.Errorf("produce: %s", wire.Code(put.ErrorCode))
	}
	resp, err = c.call(fetchFrom(put.BaseOffset, time.Second, 1000))
	if err != nil {
		return err
	}
	got := resp.(*kmsg.FetchResponse).Topics[0].Partitions[0]
	if got.ErrorCode != 0 || len(got.RecordBatches) == 0 {
		return fmt.Errorf("fetch: %s, %d bytes", wire.Code(got.ErrorCode), len(got.RecordBatches))
	}
	b.trips++
	b.worst = max(b.worst, time.Since(began))
	return nil
}

// standBy starts a bystander. The function that it returns stops it and requires that no round trip
// took longer than limit.
func standBy(t *testing.T, addr string, limit time.Duration) (stop func()) {
	c, err := newCaller(addr)
	require.NoError(t, err)
	var b bystander
	require.NoError(t, b.turn(c))
	enough, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		defer c.conn.Close()
		for b.err == nil {
			select {
			case <-enough:
				return
			case <-time.After(time.Millisecond):
				b.err = b.turn(c)
			}
		}
	}()
	return func() {
		t.Helper()
		close(enough)
		<-done
		require.NoError(t, b.err)
		require.NotZero(t, b.trips)
		t.Logf("beside it %d round trips, the longest in %s", b.trips, b.worst.Round(time.Microsecond))
		require.Less(t, b.worst, limit, "others were disturbed")
	}
}
