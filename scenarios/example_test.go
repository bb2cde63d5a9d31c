package scenarios_test

import (
	"fmt"

	"sandcastle/scenarios"
)

// A lesson is a scenario. It always plays the same under the same seed.
func ExamplePlay() {
	s, err := scenarios.Lesson("producers/lost-ack-no-idempotence")
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := scenarios.Play(s, scenarios.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Claim)
	fmt.Println("verdict:", r.Run.Verdict)
	for _, f := range r.Run.Findings {
		fmt.Printf("%s: %s\n", f.Anomaly, f.Explanation)
	}
	// Output:
	// Without idempotence a lost acknowledgement puts a record into the log twice.
	// verdict: ok
	// duplicate: "p1-20" stands at offset 20 and at offset 21 of orders-0: one send was appended twice
}

// One setting of a scenario is changed by its path. What the scenario claims is then void.
func ExampleOverride() {
	s, err := scenarios.Lesson("producers/lost-ack-no-idempotence")
	if err != nil {
		fmt.Println(err)
		return
	}
	fixed, err := scenarios.Override(s, "producers[0].idempotence", "on")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range scenarios.Differences(s, fixed) {
		fmt.Println(d)
	}
	r, err := scenarios.Play(fixed, scenarios.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("findings:", len(r.Run.Findings))
	// Output:
	// producers[0].idempotence: on in place of off
	// findings: 0
}

// A mistake is told together with its place and what was probably meant.
func ExampleParse() {
	_, err := scenarios.Parse("mine.yaml", []byte(`claim: Nothing is lost.
cluster: {brokers: 3}
topics: [{name: orders, partition: 2}]
`))
	fmt.Println(err)
	// Output:
	// mine.yaml:3:25: unknown key in a topic "partition" (did you mean "partitions"?)
}
