using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace Im.IntegrationTests.Harness;

/// <summary>How an authority may answer that is not well.</summary>
public enum Trouble
{
    /// <summary>Takes the request and says nothing.</summary>
    Silence,

    /// <summary>Says a little now and then, without end.</summary>
    Trickle,

    /// <summary>Says as much as is taken, without end.</summary>
    Flood,
}

/// <summary>An OpenID Connect authority on a loopback port: serves its discovery document and its keys, signs tokens, and goes away when told to.</summary>
public sealed class TestAuthority : IAsyncDisposable
{
    /// <summary>What the tests' nodes call themselves to it.</summary>
    public const string Audience = "im-tests";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, object> _published = new();
    private int _reads;
    private int _refused;
    private long _poured;

    private TestAuthority(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>What it calls itself; its address unless a test says otherwise.</summary>
    public string? Issuer { get; set; }

    /// <summary>Answers nothing but 503.</summary>
    public bool IsAway { get; set; }

    /// <summary>What is wrong with its answers to requests for this path; null: nothing.</summary>
    public (string Path, Trouble Trouble)? Ails { get; set; }

    /// <summary>Bytes of endless answers that were taken so far.</summary>
    public long Poured => Interlocked.Read(ref _poured);

    /// <summary>How often it was asked for the discovery document.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>How often it was asked for anything while it was away.</summary>
    public int Refused => Volatile.Read(ref _refused);

    public SigningCredentials Rsa { get; private set; } = null!;

    public SigningCredentials Ec { get; private set; } = null!;

    /// <summary>The settings of a node whose users come from here.</summary>
    public string[] Settings => [$"--Jwt:Authority={Address}", $"--Jwt:Audience={Audience}", "--Jwt:SigningKey="];

    public static async Task<TestAuthority> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var authority = new TestAuthority(app);
        app.Use((context, next) => authority.IsAway ? authority.AwayAsync(context)
            : authority.Ails is { } ails && context.Request.Path == ails.Path ? authority.AilAsync(context, ails.Trouble)
            : next(context));
        app.MapGet("/.well-known/openid-configuration", () =>
        {
            Interlocked.Increment(ref authority._reads);
            return Results.Json(new { issuer = authority.Issuer ?? authority.Address, jwks_uri = $"{authority.Address}/keys" });
        });
        app.MapGet("/keys", () => Results.Json(new { keys = authority._published.Values }));
        authority.Rotate();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return authority;
    }

    /// <summary>Makes new keys and withdraws the ones before.</summary>
    public void Rotate()
    {
        _published.Clear();
        Rsa = AddRsa(2048);
        var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = ec.ExportParameters(false).Q;
        var id = Fresh();
        _published[id] = new { kty = "EC", use = "sig", alg = "ES256", kid = id, crv = "P-256", x = Base64UrlEncoder.Encode(point.X), y = Base64UrlEncoder.Encode(point.Y) };
        Ec = new SigningCredentials(new ECDsaSecurityKey(ec) { KeyId = id }, SecurityAlgorithms.EcdsaSha256);
    }

    /// <summary>Publishes one more RSA key.</summary>
    public SigningCredentials AddRsa(int bits)
    {
        var rsa = RSA.Create(bits);
        var numbers = rsa.ExportParameters(false);
        var id = Fresh();
        _published[id] = new { kty = "RSA", use = "sig", alg = "RS256", kid = id, n = Base64UrlEncoder.Encode(numbers.Modulus), e = Base64UrlEncoder.Encode(numbers.Exponent) };
        return new SigningCredentials(new RsaSecurityKey(rsa) { KeyId = id }, SecurityAlgorithms.RsaSha256);
    }

    /// <summary>A token of this authority, RS256 unless it is altered.</summary>
    public string Mint(object user, TimeSpan? expiresIn = null, Action<SecurityTokenDescriptor>? alter = null) => Tokens.Mint(user, expiresIn, token =>
    {
        token.Issuer = Address;
        token.Audience = Audience;
        token.SigningCredentials = Rsa;
        alter?.Invoke(token);
    });

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AilAsync(HttpContext context, Trouble trouble)
    {
        var gone = context.RequestAborted;
        try
        {
            if (trouble is Trouble.Silence)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, gone);
            }

            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("{\"padding\":\"", gone);
            while (true)
            {
                await context.Response.WriteAsync(trouble is Trouble.Trickle ? "x" : new string('x', 16 * 1024), gone);
                await context.Response.Body.FlushAsync(gone);
                Interlocked.Add(ref _poured, trouble is Trouble.Trickle ? 1 : 16 * 1024);
                await Task.Delay(trouble is Trouble.Trickle ? TimeSpan.FromMilliseconds(100) : TimeSpan.Zero, gone);
            }
        }
        catch (OperationCanceledException)
        {
            // Whoever asked has had enough.
        }
    }

    private static string Fresh() => Guid.NewGuid().ToString("N");

    private Task AwayAsync(HttpContext context)
    {
        Interlocked.Increment(ref _refused);
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return Task.CompletedTask;
    }
}
