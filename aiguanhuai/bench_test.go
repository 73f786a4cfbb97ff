package aiguanhuai

import (
	"fmt"
	"testing"
	"time"
)

func BenchmarkEncodeChunk(b *testing.B) {
	people := make([]Person, maxChunk)
	for i := range people {
		people[i] = Person{
			UserID: fmt.Sprintf("%032x", i), Account: fmt.Sprintf("zhangsan%d", i), RealName: "张三",
			Gender: Set(GenderMale), Email: Set("zhangsan@example.com"), Mobile: Set("13800000001"), Status: StatusActive,
			DepartmentID: Set([]string{"143a04cf9442271505711864597826f7", "14acf08686cba213270baa94cb7acdce"}),
			Birthday:     Set(Date{1987, time.December, 19}), JoinDate: Set(Date{2009, time.November, 3}),
			Position: Set("测试"),
		}
	}
	body, err := encode(people)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := encode(people); err != nil {
			b.Fatal(err)
		}
	}
}
