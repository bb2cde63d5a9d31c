package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Alter changes one of the settings of a resource of that kind (ConfigAdminManager.
// prepareIncrementalConfigs, 3.9). Only lists can be added to.
func Alter(kind kmsg.ConfigResourceType, set map[string]string,
	op *kmsg.IncrementalAlterConfigsRequestResourceConfig,
) error {
	if op.Op == kmsg.IncrementalAlterConfigOpDelete {
		delete(set, op.Name)
		return nil
	}
	if op.Value == nil {
		return fmt.Errorf("null is no value for %s", op.Name)
	}
	if op.Op == kmsg.IncrementalAlterConfigOpSet {
		set[op.Name] = *op.Value
		return nil
	}
	topic := op.Name
	if s := synonym(op.Name); kind == kmsg.ConfigResourceTypeBroker && s != nil {
		topic = s.topic
	}
	p := find(topicTable[:], topic)
	if p == nil || p.kind != listValue {
		return fmt.Errorf("%s is no list", op.Name)
	}
	text, ok := set[op.Name]
	if !ok {
		text = p.def
	}
	words, operands := listed(text), listed(*op.Value)
	switch op.Op {
	case kmsg.IncrementalAlterConfigOpAppend:
		for _, w := range operands {
			if !slices.Contains(words, w) {
				words = append(words, w)
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
