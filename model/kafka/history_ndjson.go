package kafka

import (
	"io"
	"strconv"

	"sandcastle/model"
)

// A history file has one JSON object a line (broken here), in the shape of Jepsen's Kafka workload:
//
//	{"index":0,"process":1,"type":"invoke","f":"txn","time":1200000,
//	 "value":[["send","orders-0","v7"],["poll"]]}
//	{"index":1,"process":1,"type":"ok","f":"txn","time":3400000,
//	 "value":[["send","orders-0",[5,"v7"]],["poll",{"orders-0":[[4,"v6"]]}]]}
//
// The value of assign and subscribe is a list of keys or topics, that of commit and
// process an object of positions by key. Writing is done here, reading in history_read.go.

// historyChunk is how many bytes WriteHistory gathers before it writes them.
const historyChunk = 64 << 10

// WriteHistory writes h to w, one line an operation. Equal histories give equal bytes. The error is
// w's.
func WriteHistory(w io.Writer, h Operations) error {
	b := make([]byte, 0, historyChunk+4<<10)
	for i := range h.Len() {
		b = append(AppendOpJSON(b, h.At(i)), '\n')
		if len(b) >= historyChunk {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err := w.Write(b)
	return err
}

// AppendOpJSON appends op as one JSON object to b, without a newline. An invocation never shows an
// offset: nobody can know it yet.
func AppendOpJSON(b []byte, op *Op) []byte {
	b = strconv.AppendInt(append(b, `{"index":`...), int64(op.Index), 10)
	b = strconv.AppendInt(append(b, `,"process":`...), int64(op.Process), 10)
	b = model.AppendJSONString(append(b, `,"type":`...), string(op.Type))
	b = model.AppendJSONString(append(b, `,"f":`...), string(op.F))
	b = strconv.AppendInt(append(b, `,"time":`...), int64(op.Time), 10)
	b = op.appendValue(b)
	for _, field := range [...]struct{ name, value string }{
		{`,"client":`, op.Client}, {`,"error":`, op.Error}, {`,"acks":`, op.Acks},
		{`,"group":`, op.Group}, {`,"isolation":`, op.Isolation},
		{`,"record_key":`, op.RecordKey}, {`,"why":`, op.Why},
	} {
		if field.value != "" {
			b = model.AppendJSONString(append(b, field.name...), field.value)
		}
	}
	if op.Rebalance != nil {
		b = op.Rebalance.appendJSON(append(b, `,"rebalance_log":`...))
	}
	if op.Final {
		b = append(b, `,"final":true`...)
	}
	return append(b, '}')
}

// appendValue appends `,"value":…`, or nothing when the operation has none.
func (o *Op) appendValue(b []byte) []byte {
	switch {
	case len(o.Value) > 0:
		b = append(b, `,"value":[`...)
		for i := range o.Value {
			if i > 0 {
				b = append(b, ',')
			}
			b = o.Value[i].appendJSON(b, o.Type)
		}
		return append(b, ']')
	case len(o.Keys) > 0:
		return appendStrings(append(b, `,"value":`...), o.Keys)
	case len(o.Offsets) > 0:
		b = append(b, `,"value":{`...)
		for i, po := range o.Offsets {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendKey(b, po.Key), ':')
			b = strconv.AppendInt(b, int64(po.Offset), 10)
		}
		return append(b, '}')
	}
	return b
}

func (m *Mop) appendJSON(b []byte, end OpType) []byte {
	if m.F == FSend {
		b = appendKey(append(b, `["send",`...), m.Key)
		b = append(b, ',')
		if end == Invoke || m.Offset < 0 {
			return append(model.AppendJSONString(b, m.Value), ']')
		}
		return append(appendRecord(b, m.Offset, m.Value), ']')
	}
	if end != OK && len(m.Polled) == 0 {
		return append(b, `["poll"]`...)
	}
	b = append(b, `["poll",{`...)
	for i := range m.Polled {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendKey(b, m.Polled[i].Key), ":["...)
		for j, rec := range m.Polled[i].Records {
			if j > 0 {
				b = append(b, ',')
			}
			b = appendRecord(b, rec.Offset, rec.Value)
		}
		b = append(b, ']')
	}
	return append(b, "}]"...)
}

// appendRecord appends [offset,"value"].
func appendRecord(b []byte, offset Offset, value string) []byte {
	if offset < 0 {
		b = append(b, "[null"...)
	} else {
		b = strconv.AppendInt(append(b, '['), int64(offset), 10)
	}
	return append(model.AppendJSONString(append(b, ','), value), ']')
}

// appendKey appends "topic-partition".
func appendKey(b []byte, tp TopicPartition) []byte {
	start := len(b)
	b = model.AppendJSONString(b, tp.Topic)
	if tp.Partition == PlainKey {
		return b
	}
	if len(b)-start == len(tp.Topic)+2 { // nothing was escaped, so the closing quote is the last byte
		b = append(b[:len(b)-1], '-')
		return append(strconv.AppendInt(b, int64(tp.Partition), 10), '"')
	}
	return model.AppendJSONString(b[:start], tp.String())
}

func appendStrings(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = model.AppendJSONString(b, s)
	}
	return append(b, ']')
}

func (l *RebalanceLog) appendJSON(b []byte) []byte {
	b = append(b, '{')
	comma := false
	for _, field := range [...]struct {
		name string
		keys []string
	}{{`"revoked":`, l.Revoked}, {`"assigned":`, l.Assigned}, {`"lost":`, l.Lost}} {
		if len(field.keys) == 0 {
			continue
		}
		if comma {
			b = append(b, ',')
		}
		b, comma = appendStrings(append(b, field.name...), field.keys), true
	}
	return append(b, '}')
}
