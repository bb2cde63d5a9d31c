package frametext

import "github.com/twmb/franz-go/pkg/kmsg"

// describeConfigs says what is asked of configurations.
func describeConfigs(t *line, m message) bool {
	switch m := m.(type) {
	case *kmsg.DescribeConfigsRequest:
		for _, r := range m.Resources {
			resource(t, r.ResourceType, r.ResourceName)
			for _, name := range r.ConfigNames {
				t.word(name)
			}
		}
	case *kmsg.DescribeConfigsResponse:
		for i := range m.Resources {
			r := &m.Resources[i]
			resource(t, r.ResourceType, r.ResourceName)
			if t.problem(r.ErrorCode) {
				t.message(r.ErrorMessage)
				continue
			}
			t.raw(": ").count(int64(len(r.Configs)), "setting")
		}
	case *kmsg.AlterConfigsRequest:
		t.flag("validate_only", m.ValidateOnly)
		for _, r := range m.Resources {
			resource(t, r.ResourceType, r.ResourceName)
			for _, c := range r.Configs {
				setting(t, c.Name, c.Value)
			}
		}
	case *kmsg.AlterConfigsResponse:
		for _, r := range m.Resources {
			altered(t, r.ResourceType, r.ResourceName, r.ErrorCode, r.ErrorMessage)
		}
	case *kmsg.IncrementalAlterConfigsRequest:
		t.flag("validate_only", m.ValidateOnly)
		for i := range m.Resources {
			alter(t, &m.Resources[i])
		}
	case *kmsg.IncrementalAlterConfigsResponse:
		for _, r := range m.Resources {
			altered(t, r.ResourceType, r.ResourceName, r.ErrorCode, r.ErrorMessage)
		}
	default:
		return false
	}
	return true
}

func alter(t *line, r *kmsg.IncrementalAlterConfigsRequestResource) {
	resource(t, r.ResourceType, r.ResourceName)
	for _, c := range r.Configs {
		switch c.Op {
		case kmsg.IncrementalAlterConfigOpDelete:
			t.word("delete").word(c.Name)
			continue
		case kmsg.IncrementalAlterConfigOpAppend:
			t.word("append")
		case kmsg.IncrementalAlterConfigOpSubtract:
			t.word("subtract")
		}
		setting(t, c.Name, c.Value)
	}
}

// resource begins the item of what has a configuration.
func resource(t *line, kind kmsg.ConfigResourceType, name string) {
	t.item()
	switch kind {
	case kmsg.ConfigResourceTypeTopic:
		t.raw("topic ")
	case kmsg.ConfigResourceTypeBroker:
		t.raw("broker ")
		if name == "" {
			name = "defaults"
		}
	default:
		t.raw("resource ")
	}
	t.raw(name)
}

func altered(t *line, kind kmsg.ConfigResourceType, name string, code int16, words *string) {
	resource(t, kind, name)
	if !t.problem(code) {
		t.raw(": ok")
		return
	}
	t.message(words)
}
