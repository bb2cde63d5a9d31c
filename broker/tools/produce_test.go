package tools

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// Records are cut at the delimiters wherever reads end, and keep what they point to.
func TestRecordSource(t *testing.T) {
	long := strings.Repeat("y", sourceChunk+10)
	for _, row := range []struct {
		in, delimiter string
		want          []string
	}{
		{"", "\n", nil},
		{"a", "\n", []string{"a"}},
		{"a\n", "\n", []string{"a"}},
		{"\n\na", "\n", []string{"", "", "a"}},
		{"a--b-c--", "--", []string{"a", "b-c"}},
		{"a---b", "--", []string{"a", "-b"}},
		{long + "\n" + long + "\nz\n", "\n", []string{long, long, "z"}},
	} {
		for name, in := range map[string]io.Reader{
			"whole":        strings.NewReader(row.in),
			"byte by byte": iotest.OneByteReader(strings.NewReader(row.in)),
			"half":         iotest.HalfReader(strings.NewReader(row.in)),
			"with its end": iotest.DataErrReader(strings.NewReader(row.in)),
		} {
			var got []string
			var kept [][]byte
			s := recordSource{in: in, delimiter: []byte(row.delimiter)}
			require.NoError(t, s.each(func(b []byte) bool {
				got, kept = append(got, string(b)), append(kept, b)
				return true
			}))
			require.Equal(t, row.want, got, name)
			for i := range kept {
				require.Equal(t, row.want[i], string(kept[i]), name)
			}
		}
	}
	s := recordSource{in: iotest.ErrReader(io.ErrUnexpectedEOF), delimiter: []byte("\n")}
	require.ErrorContains(t, s.each(nil), "cannot read the records: unexpected EOF")
}

func TestUnescape(t *testing.T) {
	got, err := unescape("-f", `a\n\t\r\0\\\x41\x4a\q\`)
	require.NoError(t, err)
	require.Equal(t, "a\n\t\r\x00\\AJ\\q\\", string(got))
	_, err = unescape("-f", `\x4`)
	require.NoError(t, err, "one digit is enough")
	_, err = unescape("-f", `\x`)
	require.ErrorContains(t, err, "-f: want two hex digits")
}
