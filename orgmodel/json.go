package orgmodel

import (
	"bytes"
	"encoding/json"
	"errors"
)

// MarshalJSON returns the data of p: "id", every known field under its name (a
// cleared one with its zero value) and "attributes". Unknown fields and masked
// values are left out, so that decoding gives back what was known, cleared and
// unknown.
//
// A person's JSON holds personal data; it belongs in no log.
func (p Person) MarshalJSON() ([]byte, error) {
	p = p.normalized()
	return encodeRecord(p.ID, p.Known, p.ref, p.Attributes)
}

// UnmarshalJSON reads what MarshalJSON writes. A missing key is an unknown field,
// an unrecognised key is ignored. A missing id, a null or a value of another kind
// is a [*ConversionError], which names the field and never the value.
func (p *Person) UnmarshalJSON(data []byte) error {
	var decoded Person
	id, attributes, err := decodeRecord(EntityPerson, data, &decoded.Known, decoded.ref)
	if err != nil {
		return err
	}
	decoded.ID, decoded.Attributes = id, attributes
	*p = decoded.normalized()
	return nil
}

// MarshalJSON returns the data of d in the form described at [Person.MarshalJSON].
func (d Department) MarshalJSON() ([]byte, error) {
	d = d.normalized()
	return encodeRecord(d.ID, d.Known, d.ref, d.Attributes)
}

// UnmarshalJSON reads what MarshalJSON writes; see [Person.UnmarshalJSON].
func (d *Department) UnmarshalJSON(data []byte) error {
	var decoded Department
	id, attributes, err := decodeRecord(EntityDepartment, data, &decoded.Known, decoded.ref)
	if err != nil {
		return err
	}
	decoded.ID, decoded.Attributes = id, attributes
	*d = decoded.normalized()
	return nil
}

func encodeRecord[F Field](id string, known FieldSet[F], ref func(F) any, attributes map[string]string) ([]byte, error) {
	var out bytes.Buffer
	add := func(key string, value any) error {
		encoded, err := json.Marshal(value)
		if err != nil {
			return err
		}
		out.WriteString(`,"` + key + `":`)
		out.Write(encoded)
		return nil
	}
	if err := add("id", id); err != nil {
		return nil, err
	}
	for f := range known.All() {
		value := ref(f)
		if list, ok := value.(*[]string); ok && *list == nil {
			value = []string{}
		}
		if err := add(f.String(), value); err != nil {
			return nil, err
		}
	}
	if len(attributes) > 0 {
		if err := add("attributes", attributes); err != nil {
			return nil, err
		}
	}
	encoded := append(out.Bytes(), '}')
	encoded[0] = '{'
	return encoded, nil
}

func decodeRecord[F Field](entity Entity, data []byte, known *FieldSet[F], ref func(F) any) (id string, attributes map[string]string, err error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil || members == nil {
		return "", nil, &ConversionError{Entity: entity, Reason: "is not a JSON object"}
	}
	// The decoder's own errors quote numbers, and a mobile may be one.
	refuse := func(field, reason string) error {
		return &ConversionError{Entity: entity, ID: id, Field: field, Reason: reason}
	}
	if json.Unmarshal(members["id"], &id) != nil || blank(id) {
		id = ""
		return "", nil, refuse("id", "is missing, empty or not a text")
	}
	for f := range AllFields[F]().All() {
		raw, present := members[f.String()]
		if !present {
			continue
		}
		if decodeValue(raw, ref(f)) != nil {
			return "", nil, refuse(f.String(), "has a value of another kind")
		}
		*known = known.With(f)
	}
	if raw, present := members["attributes"]; present {
		if attributes, err = decodeAttributes(raw); err != nil {
			return "", nil, refuse("attributes", "is not an object of texts")
		}
	}
	return id, attributes, nil
}

var (
	errNull    = errors.New("orgmodel: null")
	errNotTrue = errors.New("orgmodel: not true")
)

func decodeValue(raw json.RawMessage, to any) error {
	// encoding/json leaves the target alone on null, which would read as cleared.
	if string(bytes.TrimSpace(raw)) == "null" {
		return errNull
	}
	list, ok := to.(*[]string)
	if !ok {
		return json.Unmarshal(raw, to)
	}
	var items []*string
	if err := json.Unmarshal(raw, &items); err != nil {
		return err
	}
	for _, item := range items {
		if item == nil {
			return errNull
		}
		*list = append(*list, *item)
	}
	return nil
}

func decodeAttributes(raw json.RawMessage) (map[string]string, error) {
	var members map[string]*string
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, err
	}
	if members == nil {
		return nil, errNull
	}
	attributes := make(map[string]string, len(members))
	for key, value := range members {
		if value == nil {
			return nil, errNull
		}
		attributes[key] = *value
	}
	return attributes, nil
}
