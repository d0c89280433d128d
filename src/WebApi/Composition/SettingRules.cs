using System.Net;
using System.Security.Cryptography;
using Im.Application.Accounts;
using Im.Application.KeyExchange;
using Im.Application.Messaging;
using Im.WebApi.Security;
using Microsoft.Extensions.Options;

namespace Im.WebApi.Composition;

/// <summary>Where the signing key comes from.</summary>
internal sealed class JwtSettings : IValidateOptions<JwtOptions>
{
    /// <summary>Nobody but this node signs tokens then, and a restart ends all sessions anyway.</summary>
    internal static void GenerateKeyIfEmbedded(JwtOptions options, IConfiguration configuration)
    {
        if (string.IsNullOrEmpty(options.SigningKey) && !configuration.HasExternalStore())
        {
            options.SigningKey = RandomNumberGenerator.GetHexString(2 * JwtOptions.MinKeyBytes);
        }
    }

    public ValidateOptionsResult Validate(string? name, JwtOptions options) => options switch
    {
        { Authority.Length: > 0 } => ValidateOptionsResult.Fail("The setting Jwt:Authority is not supported yet; set Jwt:SigningKey."),
        { SigningKey: null or "" } => ValidateOptionsResult.Fail("The setting Jwt:SigningKey is required with an external store: all nodes must accept the same tokens."),
        _ when options.GetKey().Length < JwtOptions.MinKeyBytes =>
            ValidateOptionsResult.Fail($"The setting Jwt:SigningKey is shorter than {JwtOptions.MinKeyBytes} bytes."),
        _ => ValidateOptionsResult.Success,
    };
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
