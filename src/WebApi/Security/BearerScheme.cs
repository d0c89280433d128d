using System.Security.Claims;
using Im.WebApi.Wire;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace Im.WebApi.Security;

/// <summary>How requests are authenticated: the framework's bearer scheme, fed by <see cref="TokenReader"/> and judged by <see cref="TokenValidator"/>.</summary>
internal sealed class BearerScheme(TokenValidator validator) : IConfigureNamedOptions<JwtBearerOptions>
{
    /// <summary>
    /// What the framework is told: that there is a user, not which one. Its own account of a token would stay in memory as long
    /// as the request, and that of a websocket has no end.
    /// </summary>
    private static readonly ClaimsPrincipal SomeUser = new(new ClaimsIdentity(JwtBearerDefaults.AuthenticationScheme));

    internal static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<TokenValidator>();
        services.AddSingleton<IConfigureOptions<JwtBearerOptions>, BearerScheme>();
        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();
        services.AddAuthorization();

        // Authentication brings data protection, which at start writes a key ring to the home folder. Nothing here
        // uses it, and nothing but the accounts is to be at rest.
        var dataProtection = typeof(DataProtectionOptions).Assembly;
        foreach (var writer in services.Where(service => service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Assembly == dataProtection).ToArray())
        {
            services.Remove(writer);
        }
    }

    public void Configure(string? name, JwtBearerOptions options)
    {
        options.MapInboundClaims = false;
        options.SaveToken = false;
        options.IncludeErrorDetails = false;
        options.TokenHandlers.Clear();
        options.TokenHandlers.Add(validator);
        options.Events = new JwtBearerEvents { OnMessageReceived = ReceiveAsync, OnTokenValidated = AcceptAsync, OnChallenge = ChallengeAsync };
    }

    public void Configure(JwtBearerOptions options) => Configure(Options.DefaultName, options);

    private static Task ReceiveAsync(MessageReceivedContext context)
    {
        if (TokenReader.Read(context.Request) is { Length: > 0 } token)
        {
            context.Token = token;
        }
        else
        {
            context.NoResult();
        }

        return Task.CompletedTask;
    }

    private Task AcceptAsync(TokenValidatedContext context)
    {
        if (validator.Read(context.SecurityToken) is { } token)
        {
            context.HttpContext.Features.Set(token);
            context.Principal = SomeUser;
        }
        else
        {
            context.Fail("The token names no user.");
        }

        return Task.CompletedTask;
    }

    private Task ChallengeAsync(JwtBearerChallengeContext context)
    {
        context.HandleResponse();
        if (!validator.CanJudge && TokenReader.Read(context.Request) is { Length: > 0 })
        {
            // The token may well be good: whoever threw it away would have to sign in for nothing.
            return context.Response.WriteAsync(WireRefusals.StoreUnavailable, AuthorityRefresh.RetryInterval);
        }

        context.Response.Headers.WWWAuthenticate = JwtBearerDefaults.AuthenticationScheme;
        return context.Response.WriteAsync(WireRefusals.Unauthenticated);
    }
}
