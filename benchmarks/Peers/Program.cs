using System.Text;
using Im.Peers;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.SignalR;
using Microsoft.IdentityModel.Tokens;

// What the service is compared with, authenticated as the service is: `signalr` or `bare`.
var kind = args.FirstOrDefault();
var builder = WebApplication.CreateBuilder([.. args.Skip(1)]);
var key = builder.Configuration["Jwt:SigningKey"] ?? throw new InvalidOperationException("Jwt:SigningKey is not set.");
builder.Services.AddAuthorization();
builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(bearer =>
{
    bearer.MapInboundClaims = false;
    bearer.TokenValidationParameters = new TokenValidationParameters
    {
        ValidateIssuer = false,
        ValidateAudience = false,
        ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
        IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(key)),
    };
});
if (kind == "signalr")
{
    builder.Services.AddSingleton<IUserIdProvider, ClaimedUser>();
    builder.Services.AddSignalR().AddStackExchangeRedis(builder.Configuration["Redis:ConnectionString"]!);
}

var app = builder.Build();
app.UseWebSockets();
app.UseAuthentication();
app.UseAuthorization();
app.MapGet("/health/ready", () => Results.Ok());
switch (kind)
{
    case "signalr":
        app.MapHub<RelayHub>("/hub").RequireAuthorization();
        break;
    case "bare":
        app.MapGet("/ws", new BareRelay().ServeAsync).RequireAuthorization();
        break;
    default:
        await Console.Error.WriteLineAsync("The first argument is signalr or bare.");
        return 1;
}

await app.RunAsync();
return 0;
