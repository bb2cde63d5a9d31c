package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// rows are the lines of a table, in words.
func rows(table string) [][]string {
	var list [][]string
	for _, line := range strings.Split(strings.TrimSpace(table), "\n") {
		list = append(list, strings.Fields(line))
	}
	return list
}

// A group reads on from where it committed, however it ended; its offsets can be seen and moved
// while it has no members.
func TestGroupCommitsAndResumes(t *testing.T) {
	t.Parallel()
	k := liveCluster(t, "3")
	k.done(t, "", "topic", "create", "users", "-p", "2", "-r", "3")
	k.done(t, "", "produce", "users", "-p", "0", "a", "b", "c")
	k.done(t, "", "produce", "users", "-p", "1", "d")
	require.Empty(t, k.done(t, "", "group", "list"))
	group := func(args ...string) string {
		out := k.done(t, "", append([]string{"consume", "users", "-g", "group-1", "-q"}, args...)...)
		return strings.ReplaceAll(out, "\n", "")
	}
	require.Len(t, group("-o", "beginning", "-c", "3"), 3, "exactly so many")
	// A partition that was not come to has no committed offset.
	require.Len(t, group("-o", "beginning", "-e"), 1, "the rest")
	require.Empty(t, group("-e"))
	k.done(t, "", "produce", "users", "-p", "1", "e")

	table := rows(k.done(t, "", "group", "describe", "group-1"))
	require.Equal(t, strings.Fields("GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST CLIENT-ID"),
		table[0])
	require.Equal(t, strings.Fields("group-1 users 0 3 3 0 - - -"), table[1])
	require.Equal(t, strings.Fields("group-1 users 1 1 2 1 - - -"), table[2])
	require.Equal(t, "group-1\n", k.done(t, "", "group", "list"))
	require.Equal(t, [][]string{{"GROUP", "STATE"}, {"group-1", "Empty"}}, rows(k.done(t, "", "group", "list", "--state")))

	reset := func(args ...string) []string {
		var offsets []string
		for _, row := range rows(k.done(t, "", append([]string{"group", "reset", "group-1"}, args...)...))[1:] {
			offsets = append(offsets, row[2]+"@"+row[3])
		}
		return offsets
	}
	require.Equal(t, []string{"0@0", "1@0"}, reset("--topic", "users", "--to-earliest"))
	require.Equal(t, "e", group("-e"), "a dry run changes nothing")
	require.Equal(t, []string{"0@1", "1@1"}, reset("--topic", "users", "--to-offset", "1", "--dry-run"))
	require.Equal(t, []string{"0@3", "1@2"}, reset("--all-topics", "--to-latest"))
	require.Equal(t, []string{"0@3", "1@2"}, reset("--topic", "users", "--to-offset", "99"), "no further than the end")
	require.Equal(t, []string{"0@0", "1@0"}, reset("--topic", "users", "--to-datetime", "-1h"))
	require.Equal(t, []string{"0@3", "1@2"}, reset("--topic", "users", "--to-datetime", "2999-01-01"))
	require.Equal(t, []string{"0@0", "1@0"}, reset("--all-topics", "--shift-by", "-10"))
	require.Equal(t, []string{"0@2"}, reset("--topic", "users:0", "--shift-by", "-1", "--execute"))
	require.Equal(t, "c", group("-e"))
	require.Equal(t, "bc", group("-p", "0", "-o", "1", "-e"), "without membership, from where it says")

	k.not(t, exitViolated, "has no committed offset that could be shifted", "group", "reset", "group-2", "--topic", "users",
		"--shift-by", "1")
	require.Len(t, rows(k.done(t, "", "group", "reset", "group-2", "--topic", "users", "--to-latest", "--execute")), 3)
	require.Empty(t, k.done(t, "", "consume", "users", "-g", "group-2", "-e", "-q"))
	require.Equal(t, "Deleted group group-2.\n", k.done(t, "", "group", "delete", "group-2"))
	k.not(t, exitViolated, "group group-2: GROUP_ID_NOT_FOUND", "group", "delete", "group-2")
	k.not(t, exitViolated, "group group-2: GROUP_ID_NOT_FOUND", "group", "describe", "group-2")
	k.not(t, exitViolated, "topic nope: UNKNOWN_TOPIC", "group", "reset", "group-1", "--topic", "nope", "--to-latest")
	k.not(t, exitInput, "say where to", "group", "reset", "group-1", "--topic", "users")
	k.not(t, exitInput, "say where to", "group", "reset", "group-1", "--topic", "users", "--to-latest", "--to-earliest")
	k.not(t, exitInput, "say which topics", "group", "reset", "group-1", "--to-latest")
	k.not(t, exitInput, "give one of them", "group", "reset", "group-1", "--all-topics", "--to-latest", "--execute",
		"--dry-run")
	k.not(t, exitInput, "is no time", "group", "reset", "group-1", "--all-topics", "--to-datetime", "noon")
	k.not(t, exitInput, "--all-groups", "group", "describe")

	k.done(t, "", "topic", "delete", "users")
	require.Eventually(t, func() bool {
		return k.say(t.Context(), "", "group", "describe", "group-1").code == exitViolated
	}, 10*time.Second, 20*time.Millisecond, "with its last topic an empty group goes too, as in Kafka")
	k.not(t, exitViolated, "group group-1: GROUP_ID_NOT_FOUND", "group", "describe", "group-1")
}

// While a group has members they are shown, and its offsets and the group stay as they are. Two
// members share the partitions, and one that is interrupted leaves its share to the other.
func TestGroupWithMembers(t *testing.T) {
	t.Parallel()
	k := liveCluster(t, "1")
	k.done(t, "", "topic", "create", "users", "-p", "2")
	one := k.watch(t, "users", "-g", "group-1", "-o", "beginning", "-f", `%p=%s\n`)
	k.done(t, "", "produce", "users", "-p", "0", "a")
	require.Equal(t, "0=a", one.next(t))
	two := k.watch(t, "users", "-g", "group-1", "-f", `%p=%s\n`)
	shared := func(members int) func() bool {
		return func() bool {
			table := rows(k.say(t.Context(), "", "group", "describe", "group-1", "--state").out)
			return len(table) == 2 && strings.Join(table[1][2:], " ") == "range Stable "+string(rune('0'+members))
		}
	}
	require.Eventually(t, shared(2), patience, tick)
	table := rows(k.done(t, "", "group", "describe", "group-1", "--members"))
	require.Equal(t, strings.Fields("GROUP CONSUMER-ID HOST CLIENT-ID #PARTITIONS ASSIGNMENT"), table[0])
	require.Len(t, table, 3)
	require.ElementsMatch(t, []string{"users(0)", "users(1)"}, []string{table[1][5], table[2][5]})
	table = rows(k.done(t, "", "group", "describe", "--all-groups"))
	require.Equal(t, "sandcastle-consume", table[1][8])
	require.NotEqual(t, table[1][6], table[2][6])
	k.not(t, exitViolated, "group group-1: NON_EMPTY_GROUP", "group", "reset", "group-1", "--topic", "users",
		"--to-latest", "--execute")
	k.not(t, exitViolated, "group group-1: NON_EMPTY_GROUP", "group", "delete", "group-1")

	one.stop()
	one.end(t)
	require.Contains(t, one.errs.String(), "% Group group-1 rebalanced")
	require.Eventually(t, shared(1), patience, tick)
	for _, p := range []string{"0", "1"} {
		k.done(t, "", "produce", "users", "-p", p, "z")
		require.Equal(t, p+"=z", two.next(t))
	}
	two.stop()
	two.end(t)
	require.Equal(t, "Deleted group group-1.\n", k.done(t, "", "group", "delete", "group-1"))
}
