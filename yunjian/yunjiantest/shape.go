package yunjiantest

import (
	"bytes"
	"encoding/json"

	"github.com/orgbridge/orgbridge/internal/wire"
	"github.com/orgbridge/orgbridge/yunjian"
)

// Shape is how a [Caller] writes a push.
type Shape int

const (
	// SampleShape is that of the page's sample, which existing projects get:
	// companyId and userId around the rows, user numbers as JSON numbers, "Y"
	// for isLeave (but false), cardTypeId in quotes.
	SampleShape Shape = iota
	// TableShape is that of the page's tables, V1.2 and later.
	TableShape
)

// Of the page's sample, and of the tables.
const (
	sampleCompany   = 38
	sampleApplicant = 91228
	applicant       = "U001"
)

func (s Shape) envelope(account, session string, data json.RawMessage) ([]byte, error) {
	if s == TableShape {
		return wire.Encode(map[string]any{"userNo": applicant, "account": account, "sessionId": session, "data": data})
	}
	return wire.Encode(map[string]any{
		"companyId": sampleCompany, "sessionId": session, "userId": sampleApplicant, "data": data,
	})
}

func (s Shape) rows(users []yunjian.User) (json.RawMessage, error) {
	if users == nil {
		users = []yunjian.User{}
	}
	table, err := wire.Encode(users)
	if err != nil || s == TableShape {
		return table, err
	}
	var rows []map[string]any
	dec := json.NewDecoder(bytes.NewReader(table))
	dec.UseNumber() // what is in extraInfo keeps its digits
	if err := dec.Decode(&rows); err != nil {
		return nil, err
	}
	for _, row := range rows {
		if no, ok := row["userNo"].(string); ok && isInteger(no) {
			row["userNo"] = json.Number(no)
		}
		if row["isLeave"] == true {
			row["isLeave"] = "Y"
		}
		cards, _ := row["cardInfo"].([]any)
		for _, card := range cards {
			fields, _ := card.(map[string]any)
			if id, ok := fields["cardTypeId"].(json.Number); ok {
				fields["cardTypeId"] = id.String()
			}
		}
	}
	return wire.Encode(rows)
}
