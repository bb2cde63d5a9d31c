package oracle

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
)

// alias gives every distinct value of a kind its number in order of appearance.
func (t *target) alias(kind, v string) string {
	m := t.aliases[kind]
	if m == nil {
		m = map[string]string{}
		t.aliases[kind] = m
	}
	if _, ok := m[v]; !ok {
		m[v] = fmt.Sprintf("%s%d", kind, len(m)+1)
	}
	return m[v]
}

func (t *target) text(s string) string { return strings.ReplaceAll(s, t.prefix, "P") }

func code(c int16) string {
	if c == 0 {
		return "NONE"
	}
	if e := kerr.TypedErrorForCode(c); e != nil {
		return e.Message
	}
	return fmt.Sprint(c)
}

var keyFields = []string{
	"Topic",
	"Name",
	"ConfigName",
	"Partition",
	"Group",
	"GroupID",
	"Key",
	"ApiKey",
	"ResourceName",
	"NodeID",
	"Dir",
	"Resource",
	"ProducerID",
	"Protocol",
	"TopicID",
}

func (t *target) key(v reflect.Value, i int) string {
	if v.Kind() != reflect.Struct {
		return fmt.Sprint(i)
	}
	if m := v.FieldByName("MemberID"); m.IsValid() && m.Kind() == reflect.String && m.String() != "" {
		return t.alias("member", m.String()) // Kafka keeps members in hash maps, so in any order
	}
	for _, k := range keyFields {
		f := v.FieldByName(k)
		if !f.IsValid() {
			continue
		}
		if f.Kind() == reflect.Pointer {
			if f.IsNil() {
				continue
			}
			f = f.Elem()
		}
		if k == "Dir" {
			return fmt.Sprint(i)
		}
		switch f.Kind() {
		case reflect.String:
			if f.String() == "" {
				if k == "Group" {
					return `""`
				}
				continue
			}
			return t.text(f.String())
		case reflect.Array:
			return t.id(f.Interface().([16]byte))
		case reflect.Int64:
			if k == "ProducerID" {
				return fmt.Sprint(i)
			}
		}
		return fmt.Sprint(f.Interface())
	}
	return fmt.Sprint(i)
}

func (t *target) id(id [16]byte) string {
	if id == ([16]byte{}) {
		return "zero"
	}
	if n, ok := t.topicIDs[id]; ok {
		return "id of " + t.text(n)
	}
	return "some id"
}

func (t *target) time(ms int64) string {
	if ms < 1e12 {
		return fmt.Sprint(ms)
	}
	if d := ms - base; d >= -2000 && d < 2000 && d%10 == 0 || d%1000 == 0 {
		return fmt.Sprintf("T%+d", d)
	}
	return "time"
}

func (t *target) flatten(o *observation, path string, v reflect.Value, key int16) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			switch f.Name {
			case "Version", "UnknownTags", "ThrottleMillis":
				continue
			}
			p := f.Name
			if path != "" {
				p = path + "." + f.Name
			}
			t.flatten(o, p, v.Field(i), key)
		}
	case reflect.Pointer:
		if v.IsNil() {
			o.put(path, "(null)")
			return
		}
		t.flatten(o, path, v.Elem(), key)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			t.bytes(o, path, v)
			return
		}
		if v.IsNil() {
			o.put(path+"#", "0")
			return
		}
		o.put(path+"#", fmt.Sprint(v.Len()))
		if v.Len() > 0 && v.Index(0).Kind() != reflect.Struct {
			var all []string
			for i := range v.Len() {
				s := fmt.Sprint(v.Index(i).Interface())
				if v.Index(i).Kind() == reflect.String {
					s = t.text(s)
				}
				all = append(all, s)
			}
			o.put(path, strings.Join(all, ","))
			return
		}
		seen := map[string]int{}
		for i := range v.Len() {
			k := t.key(v.Index(i), i)
			seen[k]++
			if seen[k] > 1 {
				k = fmt.Sprintf("%s(%d)", k, seen[k])
			}
			t.flatten(o, path+"["+k+"]", v.Index(i), key)
		}
	default:
		o.put(path, t.scalar(path, v, key))
	}
}

// ownSetting is true of the value of a setting that cannot be the same for two brokers: where it keeps
// its data and where it is reached.
var ownSetting = regexp.MustCompile(`Configs\[(log\.dirs?|listeners|advertised\.listeners|zookeeper\.connect)\]`)

func (t *target) scalar(path string, v reflect.Value, key int16) string {
	name := path[strings.LastIndex(path, ".")+1:]
	switch name {
	case "Value":
		if ownSetting.MatchString(path) && v.Kind() == reflect.String && v.String() != "" {
			return "of this broker"
		}
	case "ErrorCode":
		return code(int16(v.Int()))
	case "TopicID":
		return t.id(v.Interface().([16]byte))
	case "ClusterID":
		return "cluster"
	case "Host", "ClientHost":
		return "host"
	case "Port":
		if v.Int() > 0 {
			return "port"
		}
	case "ProducerID":
		if v.Int() >= 0 {
			return t.alias("pid", fmt.Sprint(v.Int()))
		}
	case "SessionID":
		if v.Int() != 0 {
			return t.alias("session", fmt.Sprint(v.Int()))
		}
	case "MemberID", "LeaderID":
		if v.Kind() == reflect.String && v.String() != "" {
			return t.alias("member", v.String())
		}
	case "Dir":
		return "dir"
	case "TotalBytes", "UsableBytes":
		if v.Int() > 0 {
			return "some"
		}
	case "Timestamp", "LastTimestamp", "LogAppendTime", "MaxTimestamp":
		return t.time(v.Int())
	}
	if v.Kind() == reflect.String {
		return fmt.Sprintf("%q", t.text(v.String()))
	}
	return fmt.Sprint(v.Interface())
}

func (t *target) bytes(o *observation, path string, v reflect.Value) {
	name := path[strings.LastIndex(path, ".")+1:]
	b := v.Bytes()
	if name == "RecordBatches" || name == "Records" {
		for i, s := range t.batches(b) {
			o.put(fmt.Sprintf("%s{%d}", path, i), s)
		}
		if len(b) == 0 {
			o.put(path, "no records")
		}
		return
	}
	if b == nil {
		o.put(path, "(null bytes)")
		return
	}
	o.put(path, fmt.Sprintf("%q", b))
}
