package sweep

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// Each engine's own variables say which part is meant.
func TestShards(t *testing.T) {
	for _, row := range []struct {
		text string
		env  map[string]string
		want Shard
		err  string
	}{
		{text: "", want: Shard{1, 1}},
		{text: "2/3", env: map[string]string{"CI_NODE_INDEX": "1", "CI_NODE_TOTAL": "9"}, want: Shard{2, 3}},
		{text: "3/2", err: "--shard 3/2: write the part and how many parts there are, as in 2/3, or auto"},
		{text: "0/2", err: "write the part"},
		{text: "2", err: "write the part"},
		{text: "auto/0", err: "or auto/N"},
		{text: "auto", err: "none of JOB_COMPLETION_INDEX, SLURM_ARRAY_TASK_ID, AWS_BATCH_JOB_ARRAY_INDEX, CI_NODE_INDEX"},
		{text: "auto", env: map[string]string{"CI_NODE_TOTAL": "1"}, err: "none of"},

		{text: "auto/4", env: map[string]string{"JOB_COMPLETION_INDEX": "0"}, want: Shard{1, 4}},
		{text: "auto/4", env: map[string]string{"JOB_COMPLETION_INDEX": "3"}, want: Shard{4, 4}},
		{text: "auto", env: map[string]string{"JOB_COMPLETION_INDEX": "3"}, err: "Kubernetes does not say how many tasks there are: give --shard auto/N"},
		{text: "auto/4", env: map[string]string{"JOB_COMPLETION_INDEX": "4"}, err: "JOB_COMPLETION_INDEX=4 (Kubernetes) is none of 4 numbers from 0"},
		{text: "auto/4", env: map[string]string{"JOB_COMPLETION_INDEX": "x"}, err: "JOB_COMPLETION_INDEX=x is no number that Kubernetes gives"},

		{text: "auto", env: slurm("1", "4", "1", "1"), want: Shard{1, 4}},
		{text: "auto", env: slurm("3", "4", "0", "1"), want: Shard{4, 4}},
		{text: "auto", env: slurm("7", "4", "1", "2"), want: Shard{4, 4}},
		{text: "auto/4", env: slurm("7", "4", "1", "2"), want: Shard{4, 4}},
		{text: "auto", env: slurm("8", "4", "1", "2"), err: "SLURM_ARRAY_TASK_ID=8 (Slurm) is none of 4 numbers from 1 in steps of 2"},
		{text: "auto/4", env: slurm("2", "1", "2", "1"), err: "SLURM_ARRAY_TASK_COUNT=1 (Slurm) says that there are 1 tasks, and not 4: give --shard I/N"},
		{text: "auto", env: map[string]string{"SLURM_ARRAY_TASK_ID": "2"}, err: "SLURM_ARRAY_TASK_ID is set, and SLURM_ARRAY_TASK_COUNT is not: give --shard auto/N"},

		{text: "auto", env: map[string]string{"AWS_BATCH_JOB_ARRAY_INDEX": "0", "AWS_BATCH_JOB_ARRAY_SIZE": "2"}, want: Shard{1, 2}},
		{text: "auto", env: map[string]string{"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "2"}, want: Shard{2, 2}},
		{text: "auto", env: map[string]string{"CI_NODE_INDEX": "0", "CI_NODE_TOTAL": "2"}, err: "CI_NODE_INDEX=0 (GitLab) is none of 2 numbers from 1"},
		{text: "auto", env: map[string]string{"CIRCLE_NODE_INDEX": "1", "CIRCLE_NODE_TOTAL": "2"}, want: Shard{2, 2}},
		{text: "auto", env: map[string]string{"BUILDKITE_PARALLEL_JOB": "1", "BUILDKITE_PARALLEL_JOB_COUNT": "3"}, want: Shard{2, 3}},

		{
			text: "auto", want: Shard{2, 3},
			env: map[string]string{"CIRCLE_NODE_INDEX": "1", "CIRCLE_NODE_TOTAL": "3", "CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "3"},
		},
		{
			text: "auto",
			env:  map[string]string{"CIRCLE_NODE_INDEX": "1", "CIRCLE_NODE_TOTAL": "3", "CI_NODE_INDEX": "1", "CI_NODE_TOTAL": "3"},
			err:  "CI_NODE_INDEX=1 (GitLab) says shard 1/3, and CIRCLE_NODE_INDEX=1 (CircleCI) says 2/3: give --shard I/N",
		},
	} {
		got, err := ParseShard(row.text, func(name string) string { return row.env[name] })
		if row.err == "" {
			require.NoError(t, err, "%s %v", row.text, row.env)
			require.Equal(t, row.want, got, "%s %v", row.text, row.env)
			continue
		}
		var input *model.InputError
		require.ErrorAs(t, err, &input, "%s %v", row.text, row.env)
		require.ErrorContains(t, err, row.err)
	}
}

func slurm(id, count, least, step string) map[string]string {
	return map[string]string{
		"SLURM_ARRAY_TASK_ID": id, "SLURM_ARRAY_TASK_COUNT": count, "SLURM_ARRAY_TASK_MIN": least,
		"SLURM_ARRAY_TASK_STEP": step,
	}
}

// The parts of a sweep are all of it, each run once.
func TestShardsAreTheWhole(t *testing.T) {
	for of := 1; of <= 7; of++ {
		for i := range 50 {
			n := 0
			for part := 1; part <= of; part++ {
				if (Shard{part, of}).holds(i) {
					n++
				}
			}
			require.Equal(t, 1, n)
		}
	}
}
