package tools

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"strconv"
	"strings"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// renderer appends a record as it is to be printed.
type renderer func(b []byte, tp kafka.TopicPartition, r *wire.Record) []byte

// Format says how a record is printed.
type Format struct {
	Template  string // with kcat's tokens; "" for the value, or the key too
	JSON      bool
	Delimiter string // ends a record
	KeyBefore string // stands between key and value; "" to print no key
	Null      bool   // print NULL for null, not nothing
}

func (f *Format) renderer() (renderer, error) {
	switch {
	case f.JSON && f.Template != "":
		return nil, model.BadInput("--json and --format: give one of them")
	case f.JSON:
		return renderJSON, nil
	case f.Template != "":
		return f.parse("--format", f.Template)
	}
	end, err := unescape("--delimiter", f.Delimiter)
	if err != nil {
		return nil, err
	}
	before, err := unescape("--key-delimiter", f.KeyBefore)
	if err != nil {
		return nil, err
	}
	null := f.nullText()
	return func(b []byte, _ kafka.TopicPartition, r *wire.Record) []byte {
		if len(before) > 0 {
			b = append(appendOr(b, r.Key, null), before...)
		}
		return append(appendOr(b, r.Value, null), end...)
	}, nil
}

func (f *Format) nullText() string {
	if f.Null {
		return "NULL"
	}
	return ""
}

func appendOr(b, field []byte, null string) []byte {
	if field == nil {
		return append(b, null...)
	}
	return append(b, field...)
}

// parse makes a renderer of a format with kcat's tokens.
func (f *Format) parse(flag, format string) (renderer, error) {
	var parts []renderer
	for format != "" {
		at := strings.IndexByte(format, '%')
		if at < 0 {
			at = len(format)
		}
		if at > 0 {
			text, err := unescape(flag, format[:at])
			if err != nil {
				return nil, err
			}
			parts = append(parts, func(b []byte, _ kafka.TopicPartition, _ *wire.Record) []byte {
				return append(b, text...)
			})
		}
		if at == len(format) {
			break
		}
		format = format[at+1:]
		token, ok := f.token(format)
		if !ok {
			return nil, model.BadInput("%s: %%%.1s is no token; there are %%t %%p %%o %%k %%s %%T %%h %%K "+
				"%%S %%R and %%%%", flag, format)
		}
		parts = append(parts, token)
		format = format[1:]
	}
	return func(b []byte, tp kafka.TopicPartition, r *wire.Record) []byte {
		for _, part := range parts {
			b = part(b, tp, r)
		}
		return b
	}, nil
}

// token is what the first byte of text, behind a %, stands for.
func (f *Format) token(text string) (renderer, bool) {
	null := f.nullText()
	if text == "" {
		return nil, false
	}
	var token renderer
	switch text[0] {
	case 't':
		token = func(b []byte, tp kafka.TopicPartition, _ *wire.Record) []byte {
			return append(b, tp.Topic...)
		}
	case 'p':
		token = number(func(tp kafka.TopicPartition, _ *wire.Record) int64 { return int64(tp.Partition) })
	case 'o':
		token = number(func(_ kafka.TopicPartition, r *wire.Record) int64 { return int64(r.Offset) })
	case 'T':
		token = number(func(_ kafka.TopicPartition, r *wire.Record) int64 { return r.Timestamp })
	case 'K':
		token = number(func(_ kafka.TopicPartition, r *wire.Record) int64 { return length(r.Key) })
	case 'S':
		token = number(func(_ kafka.TopicPartition, r *wire.Record) int64 { return length(r.Value) })
	case 'R':
		token = func(b []byte, _ kafka.TopicPartition, r *wire.Record) []byte {
			return binary.BigEndian.AppendUint32(b, uint32(length(r.Value)))
		}
	case 'k':
		token = func(b []byte, _ kafka.TopicPartition, r *wire.Record) []byte {
			return appendOr(b, r.Key, null)
		}
	case 's':
		token = func(b []byte, _ kafka.TopicPartition, r *wire.Record) []byte {
			return appendOr(b, r.Value, null)
		}
	case 'h':
		token = renderHeaders
	case '%':
		token = func(b []byte, _ kafka.TopicPartition, _ *wire.Record) []byte { return append(b, '%') }
	}
	return token, token != nil
}

func number(of func(kafka.TopicPartition, *wire.Record) int64) renderer {
	return func(b []byte, tp kafka.TopicPartition, r *wire.Record) []byte {
		return strconv.AppendInt(b, of(tp, r), 10)
	}
}

// length is that of a field, −1 for null.
func length(field []byte) int64 {
	if field == nil {
		return -1
	}
	return int64(len(field))
}

func renderHeaders(b []byte, _ kafka.TopicPartition, r *wire.Record) []byte {
	for i, h := range r.Headers {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, h.Key...), '=')
		b = appendOr(b, h.Value, "NULL")
	}
	return b
}

// renderJSON prints a record as kcat -J does.
func renderJSON(b []byte, tp kafka.TopicPartition, r *wire.Record) []byte {
	b = appendJSON(append(b, `{"topic":`...), []byte(tp.Topic))
	b = strconv.AppendInt(append(b, `,"partition":`...), int64(tp.Partition), 10)
	b = strconv.AppendInt(append(b, `,"offset":`...), int64(r.Offset), 10)
	b = strconv.AppendInt(append(b, `,"ts":`...), r.Timestamp, 10)
	if len(r.Headers) > 0 {
		b = append(b, `,"headers":[`...)
		for i, h := range r.Headers {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(append(appendJSON(b, []byte(h.Key)), ','), h.Value)
		}
		b = append(b, ']')
	}
	b = appendJSON(append(b, `,"key":`...), r.Key)
	b = appendJSON(append(b, `,"payload":`...), r.Value)
	return append(b, "}\n"...)
}

// appendJSON appends a field as a JSON string, null as null. Bytes that are no UTF-8 become the
// replacement character, as there is no other way.
func appendJSON(b, field []byte) []byte {
	if field == nil {
		return append(b, "null"...)
	}
	for _, c := range field {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			var text bytes.Buffer
			e := json.NewEncoder(&text)
			e.SetEscapeHTML(false)
			if err := e.Encode(string(field)); err != nil {
				panic("a string has no JSON: " + err.Error())
			}
			return append(b, bytes.TrimSuffix(text.Bytes(), []byte("\n"))...)
		}
	}
	b = append(append(b, '"'), field...)
	return append(b, '"')
}
