package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// handPerson is all that the client written by hand knows of a person.
type handPerson struct {
	ID         string `json:"openId"`
	Name       string `json:"name"`
	Phone      string `json:"phone"`
	Email      string `json:"email"`
	OrgID      string `json:"orgId"`
	Department string `json:"department"`
	JobTitle   string `json:"jobTitle"`
	Gender     string `json:"gender"`
	Status     string `json:"status"`
	JobNo      string `json:"jobNo"`
	Sides      string `json:"sides,omitempty"` // that openimport tells
}

// The same struct with the names that each target has for its fields.
type (
	handAiguanhuai struct {
		ID         string `json:"userId"`
		Name       string `json:"realName"`
		Phone      string `json:"mobile"`
		Email      string `json:"email"`
		OrgID      string `json:"departmentId"`
		Department string `json:"-"`
		JobTitle   string `json:"position"`
		Gender     string `json:"gender"`
		Status     string `json:"status"`
		JobNo      string `json:"account"`
		Sides      string `json:"-"`
	}
	handTuzhan struct {
		ID         string `json:"thirdUserId"`
		Name       string `json:"channelName"`
		Phone      string `json:"phone"`
		Email      string `json:"-"`
		OrgID      string `json:"thirdDeptId"`
		Department string `json:"-"`
		JobTitle   string `json:"job"`
		Gender     string `json:"-"`
		Status     string `json:"-"`
		JobNo      string `json:"-"`
		Sides      string `json:"deputyDeptIds,omitempty"`
	}
	handYunjian struct {
		ID         string `json:"-"`
		Name       string `json:"fullName"`
		Phone      string `json:"mobile"`
		Email      string `json:"emailAddress"`
		OrgID      string `json:"departmentCode"`
		Department string `json:"departmentName"`
		JobTitle   string `json:"-"`
		Gender     string `json:"gender"`
		Status     string `json:"isLeave"`
		JobNo      string `json:"userNo"`
		Sides      string `json:"-"`
	}
)

// handEmployee has what 兔展 demands besides.
type handEmployee struct {
	handTuzhan

	UserType   int      `json:"userType"`
	RoleKeys   []string `json:"roleKeys"`
	UpdateTime string   `json:"updateTime"`
}

type handDepartment struct {
	ID       string `json:"orgId"`
	ParentID string `json:"parentId"`
	Name     string `json:"name"`
}

type (
	handAiguanhuaiDepartment struct {
		ID       string `json:"departmentId"`
		ParentID string `json:"parentId,omitempty"`
		Name     string `json:"departmentName"`
	}
	handTuzhanDepartment struct {
		ID       string `json:"thirdDeptId"`
		ParentID string `json:"thirdParentId,omitempty"`
		Name     string `json:"deptName"`
	}
)

// handState is the state file.
type handState struct {
	Departments map[string]handDepartment `json:"departments"`
	People      map[string]handPerson     `json:"people"`
}

// hand is the client written by hand.
type hand struct {
	address string
	client  *http.Client
	token   string
}

// playByHand syncs once.
func playByHand(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return errors.New("the client needs the address of the vendors, the path of its state, and a source")
	}
	h := &hand{address: args[0], client: &http.Client{}}
	before, err := loadHand(args[1])
	if err != nil {
		return err
	}
	var source handSource = handFeed{h}
	if args[2] == sourceDirectory {
		source = handDirectory{h}
	}
	departments, err := source.departments(ctx)
	if err != nil {
		return err
	}
	people, err := source.people(ctx)
	if err != nil {
		return err
	}
	var newDepartments []handDepartment
	after := handState{Departments: make(map[string]handDepartment, len(departments)), People: people}
	for _, d := range departments {
		after.Departments[d.ID] = d
		if before.Departments[d.ID] != d {
			newDepartments = append(newDepartments, d)
		}
	}
	var changed []handPerson
	for id, p := range people {
		if before.People[id] != p {
			changed = append(changed, p)
		}
	}
	for id, p := range before.People {
		if _, still := people[id]; !still {
			p.Status = "0"
			changed = append(changed, p)
		}
	}
	if err := h.push(ctx, newDepartments, changed, len(before.People) == 0); err != nil {
		return err
	}
	return after.save(args[1])
}

func loadHand(path string) (handState, error) {
	var s handState
	file, err := os.Open(path) //nolint:gosec // an argument from the parent
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	defer func() { _ = file.Close() }()
	return s, json.NewDecoder(file).Decode(&s)
}

func (s handState) save(path string) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o600) //nolint:gosec // an argument from the parent
}

// handSource is one of the interfaces to read by.
type handSource interface {
	departments(ctx context.Context) ([]handDepartment, error)
	people(ctx context.Context) (map[string]handPerson, error)
}

func (h *hand) login(ctx context.Context, body string) error {
	var token struct{ Data struct{ AccessToken string } }
	err := h.call(ctx, http.MethodPost, pathToken, []byte(body), &token)
	h.token = token.Data.AccessToken
	return err
}

const handPage = 1000

// handFeed reads as an app does.
type handFeed struct{ *hand }

func (h handFeed) departments(ctx context.Context) ([]handDepartment, error) {
	if err := h.login(ctx, `{"appId":"500000001","secret":"s","scope":"app"}`); err != nil {
		return nil, err
	}
	var all []handDepartment
	for {
		var page struct{ Data []handDepartment }
		if err := h.read(ctx, "getallorgs", len(all), &page); err != nil {
			return nil, err
		}
		if len(page.Data) == 0 {
			return all, nil
		}
		all = append(all, page.Data...)
	}
}

func (h handFeed) people(ctx context.Context) (map[string]handPerson, error) {
	people := map[string]handPerson{}
	for begin := 0; ; begin += handPage {
		var page struct {
			Data struct{ Persons []handPerson }
		}
		if err := h.read(ctx, "getallpersons", begin, &page); err != nil {
			return nil, err
		}
		for _, p := range page.Data.Persons {
			people[p.ID] = p
		}
		if len(page.Data.Persons) < handPage {
			return people, nil
		}
	}
}

func (h handFeed) read(ctx context.Context, name string, begin int, page any) error {
	form := url.Values{
		"eid": {"10001"}, "time": {cursorBeginning}, "begin": {strconv.Itoa(begin)}, "count": {strconv.Itoa(handPage)},
	}
	return h.call(ctx, http.MethodPost, pathYunzhijia+name+"?accessToken="+h.token, []byte(form.Encode()), page)
}

// push sends what changed to the three targets.
func (h *hand) push(ctx context.Context, departments []handDepartment, people []handPerson, first bool) error {
	add, verb := pathAiguanhuai+"update", "update"
	if first {
		add, verb = pathAiguanhuai+"add?taskId=1", "add"
		if err := h.call(ctx, http.MethodGet, pathAiguanhuai+"add-prepare", nil, nil); err != nil {
			return err
		}
	}
	tuzhan := `{"publicParams":{"optType":"` + verb + `"},"data":[`
	const yunjian = `{"account":"account-1","userNo":"U001","sessionId":"session-of-yunjian","data":[`
	now := time.Now().Format(time.DateTime)
	roles := []string{"GENERAL_EMPLOYE"}
	err := errors.Join(
		send(ctx, h, add, `{"type":"department","data":[`, 2000, departments, func(d handDepartment) any {
			return handAiguanhuaiDepartment(d)
		}),
		send(ctx, h, add, `{"type":"person","data":[`, 2000, people, func(p handPerson) any { return handAiguanhuai(p) }),
		send(ctx, h, pathTuzhan+"dept/batchAdd", tuzhan, 500, departments, func(d handDepartment) any {
			return handTuzhanDepartment(d)
		}),
		send(ctx, h, pathTuzhan+"channel/employee/batchAdd", tuzhan, 500, people, func(p handPerson) any {
			return handEmployee{handTuzhan: handTuzhan(p), UserType: 1, RoleKeys: roles, UpdateTime: now}
		}),
		send(ctx, h, pathYunjianSync, yunjian, 200, people, func(p handPerson) any { return handYunjian(p) }),
	)
	if err != nil || !first {
		return err
	}
	return h.call(ctx, http.MethodGet, pathAiguanhuai+"add-complete", nil, nil)
}

// send posts records, at most size in a call, between head and the end of its list.
func send[T any](ctx context.Context, h *hand, path, head string, size int, records []T, wire func(T) any) error {
	for len(records) > 0 {
		chunk := records[:min(size, len(records))]
		records = records[len(chunk):]
		var body bytes.Buffer
		body.WriteString(head)
		for i, r := range chunk {
			b, err := json.Marshal(wire(r))
			if err != nil {
				return err
			}
			if i > 0 {
				body.WriteByte(',')
			}
			body.Write(b)
		}
		body.WriteString("]}")
		if err := h.call(ctx, http.MethodPost, path, body.Bytes(), nil); err != nil {
			return err
		}
	}
	return nil
}

// call makes one request. The answer is discarded if answer is nil.
func (h *hand) call(ctx context.Context, method, path string, body []byte, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, h.address+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(path, pathYunzhijia) || strings.HasPrefix(path, pathOpenimport) {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := h.client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the vendors answer %s to %s", response.Status, path)
	}
	if answer != nil {
		return json.NewDecoder(response.Body).Decode(answer)
	}
	_, err = io.Copy(io.Discard, response.Body)
	return err
}
