package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Alter changes one of the settings of a resource of that kind (ConfigAdminManager.
// prepareIncrementalConfigs, 3.9). Only lists can be added to; words keep the order in which they
// came.
func Alter(kind kmsg.ConfigResourceType, set map[string]string,
	op *kmsg.IncrementalAlterConfigsRequestResourceConfig,
) error {
	if op.Op == kmsg.IncrementalAlterConfigOpDelete {
		delete(set, op.Name)
		return nil
	}
	if op.Value == nil {
		return ErrNull(op.Name)
	}
	if op.Op == kmsg.IncrementalAlterConfigOpSet {
		set[op.Name] = *op.Value
		return nil
	}
	d := define(topicDefinitions, op.Name)
	if kind == kmsg.ConfigResourceTypeBroker {
		d = defineBroker(op.Name)
	}
	if d == nil || d.kind != listValue {
		return fmt.Errorf("%s is no list", op.Name)
	}
	text, ok := set[op.Name]
	if !ok {
		text = d.def
	}
	words, operands := listed(text), strings.Split(*op.Value, ",")
	switch op.Op {
	case kmsg.IncrementalAlterConfigOpAppend:
		for _, w := range operands {
			if !slices.Contains(words, trim(w)) {
				words = append(words, trim(w))
			}
		}
	case kmsg.IncrementalAlterConfigOpSubtract:
		words = slices.DeleteFunc(words, func(w string) bool { return slices.Contains(operands, w) })
	default:
		return fmt.Errorf("there is no operation %d", op.Op)
	}
	set[op.Name] = strings.Join(words, ",")
	return nil
}

// ErrNull says that a setting has no value.
type ErrNull string

// Error implements error.
func (e ErrNull) Error() string { return "null is no value for " + string(e) }
