using System.ComponentModel.DataAnnotations;
using Im.Application.Accounts;
using Im.Application.KeyExchange;
using Im.Application.Messaging;
using Im.Infrastructure.Redis;
using Im.WebApi.Limits;
using Im.WebApi.Security;
using Microsoft.Extensions.Options;

namespace Im.WebApi.Composition;

/// <summary>Binds and checks every section of settings that the node reads; a bad one is one sentence that names it.</summary>
internal static class Settings
{
    internal static void AddSettings(this IServiceCollection services)
    {
        services.AddSection<AccountOptions>("Accounts");
        services.AddSection<JwtOptions>("Jwt").PostConfigure<IConfiguration>(JwtSettings.GenerateKeyIfEmbedded);
        services.AddSection<KeyExchangeOptions>("KeyExchange");
        services.AddSection<LimitsOptions>("Limits");
        services.AddSection<MessagingOptions>("Messaging");
        services.AddSection<RedisOptions>("Redis");
        services.AddSection<SecretsOptions>("Secrets");
        services.AddSection<WebOptions>("Web");
        services.AddSingleton<IValidateOptions<JwtOptions>, JwtSettings>();
        services.AddSingleton<IValidateOptions<MessagingOptions>, MessagingSettings>();
        services.AddSingleton<IValidateOptions<WebOptions>, WebSettings>();
    }

    /// <summary>Whether the node uses a store beside it instead of hosting one.</summary>
    internal static bool HasExternalStore(this IConfiguration configuration) => !string.IsNullOrWhiteSpace(configuration["Redis:ConnectionString"]);

    /// <summary>Whether an OpenID Connect authority issues the tokens.</summary>
    internal static bool HasAuthority(this IConfiguration configuration) => !string.IsNullOrEmpty(configuration["Jwt:Authority"]);

    /// <summary>
    /// Whether the node has accounts of its own: on the embedded store, and on a shared one where their place is set. Never
    /// beside an authority: both would give out the same ids.
    /// </summary>
    internal static bool HasAccounts(this IConfiguration configuration) =>
        !configuration.HasAuthority() && (!configuration.HasExternalStore() || !string.IsNullOrEmpty(configuration["Accounts:Database"]));

    private static OptionsBuilder<T> AddSection<T>(this IServiceCollection services, string section)
        where T : class
    {
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<T>>().Value);
        services.AddSingleton<IValidateOptions<T>>(provider => new SectionValidation<T>(section, provider.GetRequiredService<IConfiguration>()));
        return services.AddOptions<T>().Configure<IConfiguration>((options, configuration) => Bind(options, configuration.GetSection(section))).ValidateOnStart();
    }

    private static void Bind<T>(T options, IConfigurationSection section)
        where T : class
    {
        try
        {
            section.Bind(options);
        }
        catch (InvalidOperationException fault)
        {
            // The binder's own sentence names the setting and the type it should have.
            throw new OptionsValidationException(section.Path, typeof(T), [fault.Message]);
        }
    }

    /// <summary>The annotations of a section's class, and the names in it: a setting that nobody reads is a typing error.</summary>
    /// <remarks>The framework's own check of annotations names the class's property but not the setting.</remarks>
    private sealed class SectionValidation<T>(string section, IConfiguration configuration) : IValidateOptions<T>
        where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options)
        {
            var known = typeof(T).GetProperties().Select(property => property.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
            var unknown = configuration.GetSection(section).GetChildren()
                .Where(child => !known.Contains(child.Key))
                .Select(child => $"The setting {section}:{child.Key} does not exist.");
            var faults = new List<ValidationResult>();
            Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true);
            var failures = unknown.Concat(faults.Select(fault => $"The setting {section}:{fault.MemberNames.First()} is refused: {fault.ErrorMessage}")).ToArray();
            return failures.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
        }
    }
}
