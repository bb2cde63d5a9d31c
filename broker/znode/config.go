package znode

// EncodeConfig writes /config/topics/T and its like, version 1, keys sorted.
func EncodeConfig(config map[string]string) []byte {
	if config == nil {
		config = map[string]string{}
	}
	return encode(struct {
		Version int               `json:"version"`
		Config  map[string]string `json:"config"`
	}{1, config})
}

// DecodeConfig reads /config/topics/T and its like. No data is no settings.
func DecodeConfig(data []byte) (map[string]string, error) {
	if len(data) == 0 {
		return map[string]string{}, nil
	}
	var j struct {
		Config map[string]string `json:"config"`
	}
	if err := decode("config", data, &j); err != nil {
		return nil, err
	}
	if j.Config == nil {
		j.Config = map[string]string{}
	}
	return j.Config, nil
}

// EncodeConfigChange writes /config/changes/config_change_N, version 2. The entity is the config
// path without "/config/", as in "topics/orders".
func EncodeConfigChange(entity string) []byte {
	return encode(struct {
		Version int    `json:"version"`
		Entity  string `json:"entity_path"`
	}{2, entity})
}

// DecodeConfigChange reads /config/changes/config_change_N and returns the entity path.
func DecodeConfigChange(data []byte) (string, error) {
	var j struct {
		Entity *string `json:"entity_path"`
	}
	if err := decode(ConfigChangesPath, data, &j); err != nil {
		return "", err
	}
	if j.Entity == nil {
		return "", malformed(ConfigChangesPath, data, "no entity_path")
	}
	return *j.Entity, nil
}
