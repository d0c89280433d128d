using Im.Application.Accounts;
using Im.WebApi.Composition;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Im.UnitTests.WebApi.Composition;

public sealed class SettingsTests
{
    [Fact]
    public void The_defaults_are_good() => Assert.Null(SentenceOf());

    [Theory]
    [InlineData("Messaging:MaxFrameBytes", "abc")]
    [InlineData("Messaging:MaxFrameBytes", "5")]
    [InlineData("Messaging:SessionLifetime", "00:00:59")]
    [InlineData("Messaging:MaxQueuedBytes", "66047")]
    [InlineData("Messaging:SocketSendBuffer", "-1")]
    [InlineData("Messaging:PingInterval", "00:00:00")]
    [InlineData("Messaging:PingTimeout", "00:00:00")]
    [InlineData("Messaging:MaxQueued", "1")]
    [InlineData("KeyExchange:KeyRetention", "00:05:01")]
    [InlineData("KeyExchange:HandshakeLifetime", "00:00:01")]
    [InlineData("KeyExchange:KeyBytes", "7")]
    [InlineData("Limits:LoginsPerMinute", "-1")]
    [InlineData("Jwt:SigningKey", "0123456789012345678901234567890")]
    [InlineData("Jwt:Authority", "https://login.example")]
    [InlineData("Jwt:TokenLifetime", "00:00:00")]
    [InlineData("Redis:RequireEphemeral", "perhaps")]
    [InlineData("Web:Page", "perhaps")]
    [InlineData("Web:AllowedOrigins:0", "chat.example")]
    [InlineData("Web:AllowedOrigins", "https://chat.example")]
    [InlineData("Web:TrustedProxies:0", "10.0.0.0/33")]
    public void A_bad_setting_is_named_in_one_sentence(string setting, string value)
    {
        var sentence = SentenceOf((setting, value));

        Assert.NotNull(sentence);
        Assert.Contains(setting.Split(":0")[0], sentence, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', sentence);
    }

    [Fact]
    public void An_external_store_needs_a_key_that_all_nodes_share()
    {
        Assert.Contains("Jwt:SigningKey", SentenceOf(("Redis:ConnectionString", "store:6379")), StringComparison.Ordinal);
        Assert.Null(SentenceOf(("Redis:ConnectionString", "store:6379"), ("Jwt:SigningKey", new string('k', 32))));
    }

    [Fact]
    public void Without_a_key_each_node_of_its_own_store_makes_another_one() =>
        Assert.NotEqual(KeyOf(NodeWith()), KeyOf(NodeWith()));

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("store:6379", null, false)]
    [InlineData("store:6379", "/shared/accounts.db", true)]
    public void Local_accounts_exist_on_a_shared_store_only_where_their_place_is_set(string? store, string? database, bool exist) =>
        Assert.Equal(exist, ConfigurationOf(("Redis:ConnectionString", store), ("Accounts:Database", database)).HasAccounts());

    [Theory]
    [InlineData("https://login.example/realm", "im", null, null)]
    [InlineData("http://127.0.0.1:8080", "im", null, null)]
    [InlineData("https://login.example", null, null, "Jwt:Audience")]
    [InlineData("https://login.example", "im", "0123456789012345678901234567890123456789", "Jwt:SigningKey")]
    [InlineData("http://login.example", "im", null, "Jwt:Authority")]
    [InlineData("https://ann:secret@login.example", "im", null, "Jwt:Authority")]
    [InlineData("login.example", "im", null, "Jwt:Authority")]
    public void An_authority_has_a_safe_address_needs_an_audience_and_excludes_a_key(string authority, string? audience, string? key, string? named)
    {
        foreach (var store in new[] { null, "store:6379" })
        {
            var sentence = SentenceOf(("Jwt:Authority", authority), ("Jwt:Audience", audience), ("Jwt:SigningKey", key), ("Redis:ConnectionString", store));

            Assert.Equal(named is null, sentence is null);
            Assert.StartsWith($"The setting {named}", sentence ?? "The setting ", StringComparison.Ordinal);
            Assert.DoesNotContain("secret", sentence ?? "", StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Beside_an_authority_there_are_no_local_accounts() =>
        Assert.False(ConfigurationOf(("Jwt:Authority", "https://login.example"), ("Accounts:Database", "/shared/accounts.db")).HasAccounts());

    private static string? SentenceOf(params (string, string?)[] settings)
    {
        using var node = NodeWith(settings);
        var fault = Record.Exception(() => node.GetRequiredService<IStartupValidator>().Validate());
        return fault is null ? null : StartupFault.SentenceOf(fault);
    }

    private static byte[] KeyOf(ServiceProvider node)
    {
        using (node)
        {
            return node.GetRequiredService<JwtOptions>().GetKey();
        }
    }

    private static ServiceProvider NodeWith(params (string, string?)[] settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton(ConfigurationOf(settings));
        services.AddSettings();
        return services.BuildServiceProvider();
    }

    private static IConfiguration ConfigurationOf(params (string Name, string? Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => setting.Value)).Build();
}
