package scenarios

import "slices"

// Key is a key of a scenario.
type Key struct {
	// Path leads to it from the top, as in producers[].rate.
	Path     string
	About    string
	Required bool
}

// Keys lists the keys that a scenario may have but for the actions of a timeline (ActionWords), each
// object's by their names. Kafka's own properties, below config, are not among them.
func Keys() []Key { return keysBelow("", scenarioKind().schema) }

func keysBelow(path string, schema map[string]any) []Key {
	if items := itemsOf(schema); items != nil {
		return keysBelow(path+"[]", items)
	}
	names := keysOf(schema)
	slices.Sort(names)
	properties, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]string)
	var list []Key
	for _, name := range names {
		key, _ := properties[name].(map[string]any)
		about, _ := key["description"].(string)
		if about == "" || path == "timeline[]" && verbNamed(name) != nil {
			continue
		}
		at := below(path, name)
		list = append(list, Key{Path: at, About: about, Required: slices.Contains(required, name)})
		list = append(list, keysBelow(at, key)...)
	}
	return list
}
