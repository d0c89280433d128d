using System.Net;
using System.Security.Cryptography;
using Im.Application.Accounts;
using Im.Application.KeyExchange;
using Im.Application.Messaging;
using Im.WebApi.Security;
using Microsoft.Extensions.Options;

namespace Im.WebApi.Composition;

/// <summary>What says who a user is: a signing key, where it comes from, or an authority.</summary>
internal sealed class JwtSettings : IValidateOptions<JwtOptions>
{
    /// <summary>Nobody but this node signs tokens then, and a restart ends all sessions anyway.</summary>
    internal static void GenerateKeyIfEmbedded(JwtOptions options, IConfiguration configuration)
    {
        if (string.IsNullOrEmpty(options.SigningKey) && !options.HasAuthority && !configuration.HasExternalStore())
        {
            options.SigningKey = RandomNumberGenerator.GetHexString(2 * JwtOptions.MinKeyBytes);
        }
    }

    public ValidateOptionsResult Validate(string? name, JwtOptions options) => options switch
    {
        { HasAuthority: true, SigningKey.Length: > 0 } =>
            ValidateOptionsResult.Fail("The setting Jwt:SigningKey is set beside Jwt:Authority: only one of them can say who a user is."),
        { HasAuthority: true } when !IsAddress(options.Authority!) =>
            ValidateOptionsResult.Fail("The setting Jwt:Authority is no address such as https://login.example; http is for loopback only."),
        { HasAuthority: true, Audience: null or "" } =>
            ValidateOptionsResult.Fail("The setting Jwt:Audience is required with Jwt:Authority: its tokens for other services would be good here, too."),
        { HasAuthority: true } => ValidateOptionsResult.Success,
        { SigningKey: null or "" } => ValidateOptionsResult.Fail("The setting Jwt:SigningKey is required with an external store: all nodes must accept the same tokens."),
        _ when options.GetKey().Length < JwtOptions.MinKeyBytes =>
            ValidateOptionsResult.Fail($"The setting Jwt:SigningKey is shorter than {JwtOptions.MinKeyBytes} bytes."),
        _ => ValidateOptionsResult.Success,
    };

    // What is read without TLS, anybody between could have written, and with it the keys that tokens are judged by.
    private static bool IsAddress(string authority) =>
        Uri.TryCreate(authority, UriKind.Absolute, out var uri)
        && uri is { UserInfo: "", Query: "", Fragment: "" }
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));
}

/// <summary>What the settings of messaging and key exchange ask of each other.</summary>
internal sealed class MessagingSettings(IOptions<KeyExchangeOptions> keyExchange) : IValidateOptions<MessagingOptions>
{
    public ValidateOptionsResult Validate(string? name, MessagingOptions options) =>
        options.SessionLifetime < keyExchange.Value.KeyRetention
            ? ValidateOptionsResult.Fail("The setting Messaging:SessionLifetime is shorter than KeyExchange:KeyRetention: the key would outlive its session.")
        : options.MaxQueuedBytes < options.MaxFrameBytes + MessagingOptions.FrameOverhead
            ? ValidateOptionsResult.Fail($"The setting Messaging:MaxQueuedBytes is less than Messaging:MaxFrameBytes and {MessagingOptions.FrameOverhead}: the longest frame would never fit.")
        : ValidateOptionsResult.Success;
}

/// <summary>Origins are origins, proxies are addresses or networks.</summary>
internal sealed class WebSettings(IConfiguration configuration) : IValidateOptions<WebOptions>
{
    public ValidateOptionsResult Validate(string? name, WebOptions options)
    {
        string[] faults =
        [
            .. new[] { nameof(WebOptions.AllowedOrigins), nameof(WebOptions.TrustedProxies), nameof(WebOptions.MetricsReaders) }
                .Where(list => !string.IsNullOrEmpty(configuration[$"Web:{list}"]))
                .Select(list => $"The setting Web:{list} is a list: name its entries Web:{list}:0, Web:{list}:1 and so on."),
            .. options.AllowedOrigins.Where(origin => OriginPolicy.Normalise(origin) is null)
                .Select(origin => $"The setting Web:AllowedOrigins has '{origin}', which is no origin such as https://chat.example."),
            .. NotAddresses(nameof(WebOptions.TrustedProxies), options.TrustedProxies),
            .. NotAddresses(nameof(WebOptions.MetricsReaders), options.MetricsReaders),
        ];
        return faults.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
    private static IEnumerable<string> NotAddresses(string list, string[] entries) => entries
        .Where(entry => !IPAddress.TryParse(entry, out _) && !IPNetwork.TryParse(entry, out _))
        .Select(entry => $"The setting Web:{list} has '{entry}', which is no address and no network such as 10.0.0.0/8.");
}
