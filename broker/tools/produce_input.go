package tools

import (
	"bytes"
	"io"
	"strconv"
	"strings"

	"sandcastle/model"
)

// recordSource yields the records to produce, as they are written.
type recordSource struct {
	values    []string // or else in
	in        io.Reader
	closer    io.Closer // of in; nil for one that stays open
	delimiter []byte
	count     int // at most so many; 0 for all
}

const sourceChunk = 256 << 10

// each hands out record after record until take returns false. What it hands out stays as it is.
func (s *recordSource) each(take func([]byte) bool) error {
	n := 0
	counted := func(record []byte) bool {
		n++
		return take(record) && n != s.count
	}
	for _, v := range s.values {
		if !counted([]byte(v)) {
			return nil
		}
	}
	if s.in == nil {
		return nil
	}
	return s.read(counted)
}

// read cuts the input at the delimiters. The last record may lack its own.
func (s *recordSource) read(take func([]byte) bool) error {
	chunk := make([]byte, 0, sourceChunk)
	start, searched := 0, 0 // of the record that is being read; no delimiter begins before searched
	for {
		n, err := s.in.Read(chunk[len(chunk):cap(chunk)])
		chunk = chunk[:len(chunk)+n]
		for {
			at := bytes.Index(chunk[searched:], s.delimiter)
			if at < 0 {
				break
			}
			end := searched + at
			if !take(chunk[start:end:end]) {
				return nil
			}
			start = end + len(s.delimiter)
			searched = start
		}
		searched = max(start, len(chunk)-len(s.delimiter)+1)
		switch {
		case err == io.EOF:
			if start < len(chunk) {
				take(chunk[start:])
			}
			return nil
		case err != nil:
			return model.BadInput("cannot read the records: %s", model.PlainCause(err))
		}
		if len(chunk) == cap(chunk) { // records keep what they point to: go on in another
			rest := chunk[start:]
			chunk = append(make([]byte, 0, max(sourceChunk, 2*len(rest))), rest...)
			searched -= start
			start = 0
		}
	}
}

func (s *recordSource) close() {
	if s.closer != nil {
		s.closer.Close()
	}
}

// unescape reads \n, \r, \t, \0, \\ and \xHH in the value of a flag.
func unescape(flag, text string) ([]byte, error) {
	var b []byte
	for len(text) > 0 {
		at := strings.IndexByte(text, '\\')
		if at < 0 || at+1 == len(text) {
			return append(b, text...), nil
		}
		b = append(b, text[:at]...)
		text = text[at+1:]
		size := 1
		switch text[0] {
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case '0':
			b = append(b, 0)
		case '\\':
			b = append(b, '\\')
		case 'x':
			size = min(3, len(text))
			v, err := strconv.ParseUint(text[1:size], 16, 8)
			if err != nil {
				return nil, model.BadInput("%s: want two hex digits behind \\x, not %q", flag, text[1:size])
			}
			b = append(b, byte(v))
		default:
			b = append(b, '\\', text[0])
		}
		text = text[size:]
	}
	return b, nil
}
