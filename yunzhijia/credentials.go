package yunzhijia

import (
	"context"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

// Credentials supply the access token of a client. Make them with
// [AppCredentials], [AccessToken] or [TokenFunc]. They print and marshal as
// "[redacted]"; nothing gives them away but a call. They can be used for several clients,
// each of which gets tokens of its own.
type Credentials = kernel.Credentials

// AppCredentials are those of a light app (轻应用). The client asks for a token
// of level "app" (getAccessToken) when it first needs one, keeps it, renews it
// before its end, and asks again when a call is refused: the vendor has no code
// for a rejected token, so after every refusal the call is repeated, once, if
// another token comes back.
//
// The token call carries the time, and the vendor takes it for 3 minutes only:
// a machine whose clock is further off gets no token. See [WithClock].
func AppCredentials(appID, appSecret string) Credentials {
	return kernel.AppCredentials(appID, appSecret).At(scopeApp)
}

// SyncCredentials are the key (密钥) of a team's directory interface, openimport
// (通讯录同步), and the team's eid. An administrator copies it in the web console:
// 管理中心 → 系统设置 → 系统集成 → 通讯录同步. The read-only key (只读秘钥) is enough for
// everything that this package does; it cannot write.
//
// They serve the calls for which this package says "openimport", and no others: those
// need a token of another level, and are refused with a *[FieldError] before anything is
// sent. Tokens are kept and renewed as with [AppCredentials].
func SyncCredentials(eid, secret string) Credentials {
	return kernel.KeyCredentials(scopeSync, eid, secret)
}

// AccessToken is a token that someone else obtained. It is never renewed: when
// it ends, calls are refused.
func AccessToken(value string) Credentials { return kernel.AccessToken(value) }

// TokenFunc asks fn for the token of every attempt, and again after a refusal:
// if it then returns another token, the call is repeated once. fn does its own
// caching, must be safe for concurrent use, and its errors, which reach the
// caller as they are, must be free of secrets.
func TokenFunc(fn func(ctx context.Context) (string, error)) Credentials { return kernel.TokenFunc(fn) }
