using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Im.Client.Accounts;
using Im.Client.Errors;

namespace Im.Client.Wire;

/// <summary>The calls of the protocol, with the user's token where one is due; renews it once where it is refused.</summary>
internal sealed class Calls(RestCalls rest, TokenKeeper tokens) : IDisposable
{
    public TokenKeeper Tokens { get; } = tokens;

    public RestCalls Rest { get; } = rest;

    public static async Task<Account> SignInAsync(RestCalls rest, string path, Credentials credentials, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(credentials, WireJson.Default.Credentials);
        var signedIn = await rest.SendAsync(HttpMethod.Post, path, null, body, WireJson.Default.EnvelopeSignedIn, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        return signedIn.Token is { } token && Account.IsInForm(token) && Users.IsUser(signedIn.Id) && signedIn.ExpiresAt is > 0 and < 253_402_300_800_000
            ? new Account(signedIn.Id, token, DateTimeOffset.FromUnixTimeMilliseconds(signedIn.ExpiresAt))
            : throw Failures.Violation("The server answered a login without a token");
    }

    /// <summary><c>POST /im/get_imKey</c>.</summary>
    public Task<KeyAnswer> AskForKeyAsync(long peer, TimeSpan wait, string? publicKey, CancellationToken cancellationToken)
    {
        var request = new KeyRequest(peer, (int)wait.TotalSeconds, publicKey);
        var body = JsonSerializer.SerializeToUtf8Bytes(request, WireJson.Default.KeyRequest);
        return SendAsync(HttpMethod.Post, "im/get_imKey", body, WireJson.Default.EnvelopeKeyAnswer, wait, cancellationToken);
    }

    /// <summary><c>DELETE /im/sessions/{to_user_id}</c>; with a session: only that one.</summary>
    public Task EndAsync(long peer, string? session, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"im/sessions/{peer}") + (session is null ? "" : $"?session={session}");
        return SendAsync(HttpMethod.Delete, path, null, WireJson.Default.EnvelopeNothing, TimeSpan.Zero, cancellationToken);
    }

    public void Dispose()
    {
        Rest.Dispose();
        Tokens.Dispose();
    }

    private async Task<T> SendAsync<T>(HttpMethod method, string path, byte[]? body, JsonTypeInfo<Envelope<T>> answer, TimeSpan held, CancellationToken cancellationToken)
        where T : class
    {
        var token = await Tokens.GetAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Rest.SendAsync(method, path, token.Account.Token, body, answer, held, cancellationToken).ConfigureAwait(false);
        }
        catch (ImException e) when (e.Kind is ImErrorKind.Unauthenticated && Tokens.CanRenew)
        {
            token = await Tokens.RenewAsync(token, cancellationToken).ConfigureAwait(false);
            return await Rest.SendAsync(method, path, token.Account.Token, body, answer, held, cancellationToken).ConfigureAwait(false);
        }
    }
}
