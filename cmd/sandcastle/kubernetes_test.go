package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"sandcastle/scenarios/sweep"
)

// The parts of Kubernetes' API (v1.33) that the manifest uses, under their names in its reference:
// what is not among them is refused. The API's own Go types would bring twenty modules.
type (
	kubeMetadata struct{ Name string }

	kubeClaim struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   kubeMetadata
		Spec       struct {
			AccessModes []string `yaml:"accessModes"`
			Resources   kubeResources
		}
	}

	kubeResources struct{ Requests, Limits map[string]string }

	// kubeJob is batch/v1 Job.
	kubeJob struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   kubeMetadata
		Spec       struct {
			CompletionMode       string            `yaml:"completionMode"`
			Completions          int32             `yaml:"completions"`
			Parallelism          int32             `yaml:"parallelism"`
			BackoffLimitPerIndex int32             `yaml:"backoffLimitPerIndex"`
			MaxFailedIndexes     int32             `yaml:"maxFailedIndexes"`
			PodFailurePolicy     kubeFailurePolicy `yaml:"podFailurePolicy"`
			Template             struct{ Spec kubePod }
		}
	}

	kubeFailurePolicy struct {
		Rules []struct {
			Action          string
			OnPodConditions []struct{ Type, Status string } `yaml:"onPodConditions"`
			OnExitCodes     *struct {
				ContainerName string `yaml:"containerName"`
				Operator      string
				Values        []int32
			} `yaml:"onExitCodes"`
		}
	}

	kubePod struct {
		RestartPolicy string `yaml:"restartPolicy"`
		Containers    []kubeContainer
		Volumes       []struct {
			Name                  string
			PersistentVolumeClaim struct {
				ClaimName string `yaml:"claimName"`
			} `yaml:"persistentVolumeClaim"`
		}
	}

	kubeContainer struct {
		Name, Image  string
		WorkingDir   string `yaml:"workingDir"`
		Args         []string
		Resources    kubeResources
		VolumeMounts []struct {
			Name      string
			MountPath string `yaml:"mountPath"`
		} `yaml:"volumeMounts"`
	}
)

// The manifest is one that Kubernetes takes: every field is one of its API, and what belongs together
// agrees. Each of its pods plays its own part of a sweep, and together they play all of it.
func TestKubernetesManifest(t *testing.T) {
	t.Parallel()
	file, err := os.Open("kubernetes.yaml")
	require.NoError(t, err)
	defer file.Close()
	dec := yaml.NewDecoder(file)
	dec.KnownFields(true)
	var claim kubeClaim
	require.NoError(t, dec.Decode(&claim))
	require.Equal(t, []string{"v1", "PersistentVolumeClaim"}, []string{claim.APIVersion, claim.Kind})
	require.Equal(t, []string{"ReadWriteMany"}, claim.Spec.AccessModes)
	var job kubeJob
	require.NoError(t, dec.Decode(&job))
	require.ErrorIs(t, dec.Decode(&struct{}{}), io.EOF)
	require.Equal(t, []string{"batch/v1", "Job"}, []string{job.APIVersion, job.Kind})

	s := &job.Spec
	require.Equal(t, "Indexed", s.CompletionMode)
	require.GreaterOrEqual(t, s.MaxFailedIndexes, s.Completions, "a finding must not end the others")
	pod := &s.Template.Spec
	require.Equal(t, "Never", pod.RestartPolicy, "podFailurePolicy asks for it")
	require.Len(t, pod.Containers, 1)
	c := &pod.Containers[0]
	require.Equal(t, claim.Metadata.Name, pod.Volumes[0].PersistentVolumeClaim.ClaimName)
	require.Equal(t, pod.Volumes[0].Name, c.VolumeMounts[0].Name)
	require.Equal(t, c.WorkingDir, c.VolumeMounts[0].MountPath)
	for _, rule := range s.PodFailurePolicy.Rules {
		require.Contains(t, []string{"Ignore", "FailIndex", "FailJob", "Count"}, rule.Action)
		require.NotEqual(t, rule.OnExitCodes == nil, len(rule.OnPodConditions) == 0, "one of the two")
		if rule.OnExitCodes != nil {
			require.Equal(t, c.Name, rule.OnExitCodes.ContainerName)
			require.Equal(t, []int32{exitViolated, exitUndecided, exitInput, exitInternal}, rule.OnExitCodes.Values)
		}
	}

	// The command is one that this program knows.
	cmd, rest, err := newRoot(io.Discard, io.Discard).Find(c.Args)
	require.NoError(t, err)
	require.Equal(t, "sweep", cmd.Name())
	require.NoError(t, cmd.ParseFlags(rest))
	require.NoError(t, cmd.Args(cmd, cmd.Flags().Args()))
	shard := cmd.Flags().Lookup("shard").Value.String()
	var parts []int
	for i := range s.Completions {
		got, err := sweep.ParseShard(shard, func(name string) string {
			return map[string]string{"JOB_COMPLETION_INDEX": fmt.Sprint(i)}[name]
		})
		require.NoError(t, err)
		require.Equal(t, int(s.Completions), got.Of)
		parts = append(parts, got.Part)
	}
	slices.Sort(parts)
	require.Len(t, slices.Compact(parts), int(s.Completions))
}

// A field that Kubernetes does not know is refused.
func TestKubernetesManifestIsReadStrictly(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"kind: Job\nspec: {completion: 3}\n", "kind: Job\nspec: {template: {spec: {container: []}}}\n",
		"kind: Job\nspec: {completions: many}\n",
	} {
		dec := yaml.NewDecoder(strings.NewReader(text))
		dec.KnownFields(true)
		var job kubeJob
		err := dec.Decode(&job)
		var wrong *yaml.TypeError
		require.True(t, errors.As(err, &wrong), text)
	}
}
