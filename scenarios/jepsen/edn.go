package jepsen

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"olympos.io/encoding/edn"

	"sandcastle/model"
)

const (
	// maxLine is how long one line of a history may be.
	maxLine = 64 << 20
	// maxDepth bounds how deep values stand in each other: the decoder calls itself.
	maxDepth = 100
	// opTag stands before the maps of newer versions of Jepsen.
	opTag = "#jepsen.history.Op"
)

// IsEDN tells whether a file that begins so is a history in EDN: a map whose first key is a
// keyword, perhaps with Jepsen's tag before it, perhaps in a vector or a list. Blanks and comments
// may stand before it.
func IsEDN(beginning []byte) bool {
	for line := range bytes.Lines(beginning) {
		line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\ufeff")))
		if len(line) == 0 || line[0] == ';' {
			continue
		}
		line = bytes.TrimLeft(line, "[( \t")
		line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte(opTag)))
		rest, isMap := bytes.CutPrefix(line, []byte("{"))
		return isMap && bytes.HasPrefix(bytes.TrimSpace(rest), []byte(":"))
	}
	return false
}

// Lines returns the history in r as lines of JSON, each on the line where its map stands. A map
// must stand on one line. What is wrong is a *model.InputError with name and line, or the error of
// r.
func Lines(r io.Reader, name string) ([]byte, error) {
	var out bytes.Buffer
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	number := 0
	for ; lines.Scan(); out.WriteByte('\n') {
		number++
		op, err := opOf(lines.Bytes())
		if err != nil {
			return nil, &model.InputError{
				File: name, Line: number, Problem: "no operation in EDN: " + err.Error(),
				Hint: "one map a line, such as {:process 0, :type :ok, :f :send, :value [[:send 9 [0 1]]]}",
			}
		}
		if op == nil {
			continue
		}
		if err := json.NewEncoder(&out).Encode(op); err != nil {
			return nil, &model.InputError{File: name, Line: number, Problem: err.Error()}
		}
		out.Truncate(out.Len() - 1) // the line end comes for every line
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		problem := fmt.Sprintf("the line is longer than %d bytes", maxLine)
		return nil, &model.InputError{File: name, Line: number + 1, Problem: problem}
	}
	return out.Bytes(), lines.Err()
}

// opOf reads a line; nil when there is no operation on it.
func opOf(line []byte) (map[string]any, error) {
	line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\ufeff")))
	if len(line) == 0 || line[0] == ';' {
		return nil, nil
	}
	line = bytes.TrimLeft(line, "[( \t") // the beginning and the end of a vector around all
	if line = bytes.TrimRight(line, "]) \t"); len(line) == 0 {
		return nil, nil
	}
	line = bytes.TrimPrefix(line, []byte(opTag))
	if depth := depthOf(line); depth > maxDepth {
		return nil, fmt.Errorf("more than %d values inside each other", maxDepth)
	}
	line = withoutAddresses(line)
	var fields map[edn.Keyword]edn.RawMessage
	if err := edn.Unmarshal(line, &fields); err != nil {
		return nil, err
	}
	op := map[string]any{}
	for name, raw := range fields { //unordered: it fills another map
		var value any
		if err := edn.Unmarshal(raw, &value); err != nil {
			value = string(raw) // a map with a vector for a key; no operation has one
		}
		op[string(name)] = plain(value)
	}
	return op, nil
}

// withoutAddresses writes 0 for the addresses of objects that Clojure prints, as in
// #object[java.util.Date 0x6b6c5d "soon"]: EDN knows no hexadecimal numbers.
func withoutAddresses(line []byte) []byte {
	if !bytes.Contains(line, []byte("0x")) {
		return line
	}
	out := make([]byte, 0, len(line))
	quoted := false
	for i := 0; i < len(line); i++ {
		b := line[i]
		switch {
		case quoted && b == '\\' && i+1 < len(line):
			out = append(out, b)
			i++
			b = line[i]
		case b == '"':
			quoted = !quoted
		case !quoted && b == ' ' && bytes.HasPrefix(line[i+1:], []byte("0x")):
			out = append(out, ' ')
			for i += 2; i+1 < len(line) && isHex(line[i+1]); i++ {
			}
			b = '0'
		}
		out = append(out, b)
	}
	return out
}

func isHex(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F'
}

// depthOf is how deep brackets stand in each other, at most; those in strings are counted too.
func depthOf(line []byte) int {
	depth, deepest := 0, 0
	for _, b := range line {
		switch b {
		case '(', '[', '{':
			depth++
			deepest = max(deepest, depth)
		case ')', ']', '}':
			depth--
		}
	}
	return deepest
}

// plain is a value of EDN as JSON has it: keywords and symbols are strings, sets are lists.
func plain(value any) any {
	switch v := value.(type) {
	case nil, bool, string, int64, float64:
		return v
	case rune:
		return string(v)
	case edn.Keyword:
		return string(v)
	case edn.Symbol:
		return string(v)
	case edn.Tag:
		return plain(v.Value)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = plain(v[i])
		}
		return list
	case map[any]bool:
		var set []string
		for x := range v { //unordered: it is sorted below
			set = append(set, fmt.Sprint(plain(x)))
		}
		slices.Sort(set)
		return set
	case map[any]any:
		object := map[string]any{}
		for x, y := range v { //unordered: it fills another map
			object[fmt.Sprint(plain(x))] = plain(y)
		}
		return object
	default:
		return fmt.Sprint(v)
	}
}
