package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"sandcastle/model/kafka"
	"sandcastle/reports/text"
	"sandcastle/scenarios"
)

func newSchema() *cobra.Command {
	var words bool
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of a scenario, for editors, or its words, for people",
		Long: `Prints the JSON Schema of a scenario, by which an editor completes and checks one.
--words prints what a writer looks up: every key with what it means, the actions of a timeline with
the keys that go with them, the events that "when" waits for, and the anomalies that
expect.findings names.`,
		Example: `  sandcastle schema > scenario.schema.json
  sandcastle schema --words | less`,
		Args: exactly(0, "schema takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, err := scenarios.Schema()
			if err != nil {
				return err
			}
			if words {
				b = schemaWords()
			}
			_, err = cmd.OutOrStdout().Write(b)
			return err
		},
	}
	cmd.Flags().BoolVar(&words, "words", false, "print the keys, actions, events and anomalies as text")
	return cmd
}

// wordsWide is how wide the words are printed: what fits most terminals beside a file.
const wordsWide = 100

// schemaWords is what --words prints.
func schemaWords() []byte {
	var b bytes.Buffer
	entry := func(head, about string) {
		fmt.Fprintf(&b, "  %s\n", head)
		for _, line := range text.Wrap(about, wordsWide-6) {
			fmt.Fprintf(&b, "      %s\n", line)
		}
	}
	b.WriteString("Keys (* has to be there):\n\n")
	for _, k := range scenarios.Keys() {
		head := k.Path
		if k.Required {
			head += " *"
		}
		entry(head, k.About)
	}
	b.WriteString("\nActions, each in a timeline entry of its own:\n\n")
	for _, a := range scenarios.ActionWords() {
		entry(a.String(), a.About)
	}
	b.WriteString("\nEvents, as in when: isr-shrunk(orders-0):\n\n")
	for _, line := range text.Wrap(strings.Join(kafka.NoteKinds(), " "), wordsWide-2) {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	b.WriteString("\nAnomalies, for expect.findings:\n\n")
	for _, a := range kafka.Anomalies() {
		entry(string(a), text.AnomalyMeaning(a))
	}
	return b.Bytes()
}
