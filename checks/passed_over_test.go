package checks

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// A group that was there passes over what was acknowledged meanwhile; one that begins at the latest
// offset does not, and neither does one that reads the records after all.
func TestPassedOver(t *testing.T) {
	const (
		sends = `{"process":0,"type":"ok","f":"send","value":[["send","a-0",[0,"v0"]]]}
{"process":0,"type":"ok","f":"send","value":[["send","a-0",[1,"v1"]]]}
{"process":0,"type":"ok","f":"send","value":[["send","a-0",[2,"v2"]]]}
{"process":0,"type":"fail","f":"send","value":[["send","a-0",[3,"v3"]]]}
`
		poll  = `{"process":1,"type":"ok","f":"poll","group":"g","client":"c1","value":[["poll",{}]]}` + "\n"
		first = `{"process":1,"type":"ok","f":"poll","group":"g","client":"c1","value":[["poll",{"a-0":[[0,"v0"]]}]]}` + "\n"
		reset = `{"process":1,"type":"ok","f":"reset","group":"g","client":"c1","why":"OFFSET_OUT_OF_RANGE","value":{"a-0":4}}` + "\n"
		all   = `{"process":1,"type":"ok","f":"poll","group":"g","client":"c1","value":[["poll",{"a-0":[[1,"v1"],[2,"v2"]]}]]}` + "\n"
		other = `{"process":2,"type":"ok","f":"poll","group":"h","client":"c2","value":[["poll",{"a-0":[[0,"v0"],[1,"v1"],[2,"v2"]]}]]}` + "\n"
	)
	for _, c := range []struct {
		name, history, want string
	}{
		{"it begins there", sends + reset + poll, ""},
		{"it was reading elsewhere", poll + sends + reset, "group g passed over 3 acknowledged records of a-0, " +
			"between offsets 0 and 2: a reset moved it to offset 4 at 0.000000s (OFFSET_OUT_OF_RANGE)"},
		{"it had read some", sends + first + reset, "group g passed over 2 acknowledged records of a-0, " +
			"between offsets 1 and 2: a reset moved it to offset 4 at 0.000000s (OFFSET_OUT_OF_RANGE)"},
		{"it reads them after all", sends + first + reset + all, ""},
		{"another group reads them", sends + first + reset + other, "group g passed over 2 acknowledged records of a-0, " +
			"between offsets 1 and 2: a reset moved it to offset 4 at 0.000000s (OFFSET_OUT_OF_RANGE)"},
		{"it moves back", sends + first + strings.Replace(reset, "4}", "0}", 1), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, err := kafka.ReadHistory(strings.NewReader(c.history), c.name)
			require.NoError(t, err)
			var got []string
			for _, p := range Judge(h, Options{}).PassedOver {
				got = append(got, p.String())
			}
			require.Equal(t, c.want, strings.Join(got, "; "))
		})
	}
}

func TestNothingToJudge(t *testing.T) {
	for text, want := range map[string]string{
		"": "the history has no operations",
		`{"process":0,"type":"invoke","f":"send","value":[["send","a-0","v"]]}`: "no record was acknowledged, and none was read",
		`{"process":0,"type":"fail","f":"send","value":[["send","a-0","v"]]}
{"process":0,"type":"ok","f":"poll","value":[["poll",{}]]}`: "no record was acknowledged, and none was read",
		`{"process":0,"type":"ok","f":"send","value":[["send","a-0",[0,"v"]]]}`:     "",
		`{"process":0,"type":"ok","f":"poll","value":[["poll",{"a-0":[[0,"v"]]}]]}`: "",
	} {
		h, err := kafka.ReadHistory(strings.NewReader(text), "h")
		require.NoError(t, err)
		require.Equal(t, want, NothingToJudge(h), text)
	}
}
