using System.Text;
using Im.Application.Messaging;
using Im.Domain;
using Im.FuzzTests.Engine;
using Im.WebApi.Messaging;
using Im.WebApi.Security;
using Microsoft.AspNetCore.Http;

namespace Im.FuzzTests.Targets;

/// <summary>What an upgrade asks for by its query, and from which page. An input is the query, and a line each for <c>Host</c> and <c>Origin</c>.</summary>
internal sealed class UpgradeQueryTarget : FuzzTarget
{
    private const string Allowed = "https://chat.example.com";

    private static readonly UserId Ann = UserId.Of(9).Value;

    private readonly OpenConnectionValidator _validator = new();
    private readonly OriginPolicy _origins = new(new WebOptions { AllowedOrigins = [Allowed] });

    public override string Name => "upgrade";

    public override IReadOnlyList<byte[]> Words { get; } = [.. new[]
    {
        "?to_user_id=", "&to_user_id=", "&session=", "0123456789abcdef0123456789abcdef", "&seen=", "TO_USER_ID", "%30", "%00", "+", "%2b", "&", "=", "\n", "http://", "https://", "HTTPS://",
        "null", "localhost:8083", "[::1]", ":443", ":80", ":65536", ":0", "@", "/", "#", "?", "chat.example.com", ".example.com", "xn--", "xn--0", "xn--bcher-kva", "\u212A", "%40", "\\", " ", "*",
    }.Select(Encoding.UTF8.GetBytes)];

    public override long MaxAllocated(int length) => 65_536 + (400L * length);

    public override int Run(byte[] input)
    {
        // No server lets these two into a header.
        var lines = Encoding.Latin1.GetString(input).Replace("\r", "", StringComparison.Ordinal).Replace("\0", "", StringComparison.Ordinal).Split('\n');
        var request = new DefaultHttpContext().Request;
        request.QueryString = lines[0].StartsWith('?') ? new QueryString(lines[0]) : QueryString.Empty;
        request.Headers.Host = lines.ElementAtOrDefault(1) ?? "";
        if (lines.ElementAtOrDefault(2) is { } origin)
        {
            request.Headers.Origin = origin;
        }

        HostName.DropUnreadable(request.HttpContext.Features);
        _ = request.Host;
        return Query(request) + (Origin(request) * 4096);
    }

    private int Query(HttpRequest request)
    {
        var command = SocketEndpoint.CommandOf(request.Query, Ann, new ConnectionListener());
        Holds(command.Session is null or { Length: < 12 } || !command.ToString().Contains(command.Session, StringComparison.Ordinal), "The command prints the session.");
        var faults = _validator.Validate(command).Errors;
        if (faults.Count == 0 && command.Unreadable.Count == 0)
        {
            Holds(UserId.Of(command.ToUserId!.Value).IsOk && command.ToUserId != Ann.Number, "It names a peer who cannot be.");
            Holds(command.Session is null || SessionId.Parse(command.Session).IsOk, "It names a session that cannot be.");
            Holds(command.Seen is null or (>= 0 and <= UserId.MaxValue), "It has seen a seq that cannot be.");
            Holds(request.Query["to_user_id"].Count(value => value is { Length: > 0 }) == 1, "It names several peers.");
        }

        return (faults.Count * 64) + (command.Unreadable.Count * 8) + (command.ToUserId is null ? 0 : 1) + (command.Session is null ? 0 : 2) + (command.Seen is null ? 0 : 4);
    }

    /// <summary>A page may connect if it is the node's own, or one that the settings name; nothing that merely looks like one.</summary>
    private int Origin(HttpRequest request)
    {
        if (!_origins.Allows(request))
        {
            return 1;
        }

        var text = request.Headers.Origin.ToString();
        if (request.Headers.Origin.Count == 0)
        {
            return 2;
        }

        Holds(Uri.TryCreate(text, UriKind.Absolute, out var origin) && origin.UserInfo.Length == 0, "A page is allowed that has no address.");
        if (origin!.GetLeftPart(UriPartial.Authority) == Allowed)
        {
            return 3;
        }

        Holds(text.Contains("://", StringComparison.Ordinal) && Uri.TryCreate($"{origin.Scheme}://{request.Headers.Host}", UriKind.Absolute, out var own)
            && own.Host.Equals(origin.Host, StringComparison.OrdinalIgnoreCase) && own.Port == origin.Port, "A foreign page is allowed.");
        return 4;
    }
}
