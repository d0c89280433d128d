using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Im.Application.Accounts;
using Im.Application.KeyExchange;
using Im.Application.Messaging;
using Im.Infrastructure.Redis;
using Im.WebApi.Composition;
using Im.WebApi.Limits;
using Im.WebApi.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Im.UnitTests.Documents;

/// <summary>The table of settings in <c>docs/operations.md</c> is what the node reads, with the defaults that it has.</summary>
public sealed partial class SettingsPageTests
{
    /// <summary>Which section of settings each class of options is bound to.</summary>
    private static readonly Dictionary<Type, string> Sections = new()
    {
        [typeof(AccountOptions)] = "Accounts",
        [typeof(JwtOptions)] = "Jwt",
        [typeof(KeyExchangeOptions)] = "KeyExchange",
        [typeof(LimitsOptions)] = "Limits",
        [typeof(MessagingOptions)] = "Messaging",
        [typeof(RedisOptions)] = "Redis",
        [typeof(SecretsOptions)] = "Secrets",
        [typeof(WebOptions)] = "Web",
    };

    /// <summary>Read by the framework before any code of the node.</summary>
    private static readonly string[] OfTheFramework = ["ASPNETCORE_ENVIRONMENT"];

    /// <summary>Settings without a value of their own whose effect is said instead.</summary>
    private static readonly Dictionary<string, string> Effects = new()
    {
        ["Accounts:Database"] = "`im/accounts.db` in the user's local application data",
        ["Web:ConnectionTest"] = "Development only",
    };

    private static readonly IReadOnlyDictionary<string, string> Documented = Read();

    [Fact]
    public void Every_section_that_the_node_binds_is_compared_here()
    {
        var services = new ServiceCollection();
        services.AddSettings();
        var bound = services.Where(service => service.ServiceType.IsGenericType && service.ServiceType.GetGenericTypeDefinition() == typeof(IValidateOptions<>))
            .Select(service => service.ServiceType.GetGenericArguments()[0]).Distinct();

        Assert.Equal(Sections.Keys.Select(type => type.Name).Order(StringComparer.Ordinal), bound.Select(type => type.Name).Order(StringComparer.Ordinal));
        Assert.All(Sections.Values, section => Assert.Contains($"The setting {section}:Nonsense does not exist.", SentenceOf($"{section}:Nonsense"), StringComparison.Ordinal));
    }

    [Fact]
    public void Every_setting_is_in_the_table_and_every_row_of_it_is_a_setting()
    {
        var read = Sections.SelectMany(section => Settable(section.Key).Select(property => $"{section.Value}:{property.Name}"))
            .Concat(ReadByHand()).Concat(OfTheFramework).Distinct();

        Assert.Equal(read.Order(StringComparer.Ordinal), Documented.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_default_is_the_one_that_the_table_says()
    {
        Assert.Equal("`http://localhost:8083`", Documented["Urls"]);
        Assert.Contains("\"Urls\", \"http://localhost:8083\"", Page.Read("src", "WebApi", "Node.cs").Text, StringComparison.Ordinal);
        foreach (var (type, section) in Sections)
        {
            var defaults = Activator.CreateInstance(type);
            foreach (var property in Settable(type))
            {
                var name = $"{section}:{property.Name}";
                Assert.True(Says(Documented[name], name, property.GetValue(defaults)), $"{name} is {property.GetValue(defaults) ?? "nothing"}, the table says {Documented[name]}.");
            }
        }
    }

    [Fact]
    public void Every_setting_that_a_page_names_exists()
    {
        var sections = string.Join('|', Sections.Values);
        var named =
            from page in Page.All
            from Match match in Regex.Matches(page.Text, $@"\b({sections})(?::|__)([A-Z]\w*?)(?=\b|__\d)")
            select (page.Path, Name: $"{match.Groups[1].Value}:{match.Groups[2].Value}");

        Assert.NotEmpty(named);
        Assert.Empty(named.Where(setting => !Documented.ContainsKey(setting.Name)).Distinct());
    }

    private static bool Says(string cell, string name, object? value) => value switch
    {
        null when Effects.TryGetValue(name, out var effect) => cell == effect,
        null or Array { Length: 0 } => cell == "none" || cell.StartsWith("none: ", StringComparison.Ordinal),
        bool yes => cell == (yes ? "`true`" : "`false`"),
        TimeSpan time => cell == $"`{time:c}`",
        string text => cell == $"`{text}`",
        IFormattable number => cell == $"`{number.ToString(null, CultureInfo.InvariantCulture)}`" || cell == WithUnit(number),
        _ => false,
    };

    /// <summary>Bytes, with what they are in a larger unit.</summary>
    private static string WithUnit(IFormattable number)
    {
        var bytes = Convert.ToInt64(number, CultureInfo.InvariantCulture);
        var (size, unit) = bytes >= 1024 * 1024 ? (bytes / 1024 / 1024, "MiB") : (bytes / 1024, "KiB");
        return $"`{bytes}` ({size} {unit})";
    }

    private static IEnumerable<PropertyInfo> Settable(Type type) => type.GetProperties().Where(property => property.SetMethod?.IsPublic is true);

    /// <summary>What the node asks its configuration or its environment for by name.</summary>
    private static IEnumerable<string> ReadByHand()
    {
        var sources = Page.FilesBelow("src", "*.cs").Select(File.ReadAllText).ToList();
        return sources.SelectMany(source => Asked().Matches(source).Select(match => match.Groups[1].Value))
            .Concat(Page.FilesBelow(Path.Combine("src", "WebApi", "Composition"), "*.cs").SelectMany(file => Named().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)));
    }

    private static Dictionary<string, string> Read()
    {
        var rows = Page.Read("docs", "operations.md").Section("Settings").Rows();
        var settings = new Dictionary<string, string>();
        foreach (var row in rows)
        {
            var names = Page.Quoted(row[0]).ToList();
            var defaults = names.Count == 1 ? [row[1]] : row[1].Split(", ");
            Assert.True(names.Count == defaults.Length && row[2].Length > 0, $"The row of {row[0]} is not whole.");
            foreach (var (name, value) in names.Zip(defaults))
            {
                settings.Add(name, value);
            }
        }

        return settings;
    }

    private static string SentenceOf(string setting)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new(setting, "1")]).Build());
        services.AddSettings();
        using var node = services.BuildServiceProvider();
        return StartupFault.SentenceOf(Assert.ThrowsAny<Exception>(node.GetRequiredService<IStartupValidator>().Validate))!;
    }

    [GeneratedRegex("""onfiguration\["([\w:]+)"\]""")]
    private static partial Regex Asked();

    [GeneratedRegex("""const string \w+ = "([A-Z][A-Z_]+|[A-Z]\w*(?::\w+)+)";""")]
    private static partial Regex Named();
}
