using System.Text;
using Im.Application.Accounts;
using Im.Application.KeyExchange;
using Im.Domain;
using Im.FuzzTests.Engine;
using Im.WebApi.KeyExchange;
using Im.WebApi.Wire;
using Microsoft.AspNetCore.Http;

namespace Im.FuzzTests.Targets;

/// <summary>A REST call's body, JSON or form, up to the checked command. An input is the content type, a line feed, and the body.</summary>
internal sealed class BodyTarget : FuzzTarget
{
    private static readonly UserId Ann = UserId.Of(9).Value;

    private readonly RequestKeyValidator _validator = new();

    public override string Name => "body";

    public override int MaxLength => BodyReader.MaxBytes + 200;

    public override IReadOnlyList<byte[]> Words { get; } = [.. new[]
    {
        "to_user_id", "wait_seconds", "public_key", "username", "email", "password", "\"to_user_id\":", "{", "}", "[", "]", ",", ":", "\"", "null", "true", "\\ud800", "\\u0000", "\uFEFF",
        "=", "&", "%", "%00", "%ff", "+", "--b", "--b--", "\r\n", "\r\n\r\n", "Content-Disposition: form-data; name=", "; filename=x", "Content-Type: text/plain; charset=utf-16", ";", "=?",
        "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "; charset=utf-8", "charset=\"utf-16\"", "boundary=",
    }.Select(Encoding.UTF8.GetBytes)];

    public override long MaxAllocated(int length) => 262_144 + (400L * length);

    public override int Run(byte[] input)
    {
        var line = Math.Max(0, input.AsSpan().IndexOf((byte)'\n'));
        var (fields, refusal) = Read(input, line, saysLength: false);
        var (again, same) = Read(input, line, saysLength: true);
        Holds(refusal == same, "It is read otherwise where it says its length.");
        if (refusal is not null)
        {
            Holds(refusal == WireRefusals.MalformedBody || refusal == WireRefusals.TooLarge || refusal == WireRefusals.UnsupportedMediaType, "It is refused by what is no refusal of a body.");
            Holds(refusal == WireRefusals.TooLarge == input.Length - line - 1 > BodyReader.MaxBytes, "It is too large, or is not.");
            return refusal.Value.Number;
        }

        var command = KeyExchangeEndpoints.CommandOf(fields, Ann);
        var repeated = KeyExchangeEndpoints.CommandOf(again, Ann);
        Holds(command with { Unreadable = repeated.Unreadable } == repeated && command.Unreadable.Count == repeated.Unreadable.Count, "It is another command where it says its length.");
        Holds(command.Unreadable.Keys.All(name => name is nameof(RequestKey.ToUserId) or nameof(RequestKey.WaitSeconds) or nameof(RequestKey.PublicKey)), "It cannot read a field that was not asked for.");
        var account = new LogIn(fields.Text(nameof(LogIn.Username)), fields.Text(nameof(LogIn.Email)), fields.Text(nameof(LogIn.Password))) { Unreadable = fields.Unreadable };
        Holds(account.Password is null or { Length: < 12 } || !account.ToString().Contains(account.Password, StringComparison.Ordinal), "A command prints a password.");
        var faults = _validator.Validate(command).Errors;
        if (faults.Count == 0 && command.Unreadable.Count == 0)
        {
            Holds(UserId.Of(command.ToUserId!.Value).IsOk && command.ToUserId != Ann.Number, "It names a peer who cannot be.");
            Holds(command.WaitSeconds is null or (>= 0 and <= 30), "It waits for too long.");
            Holds(command.PublicKey is null || PublicKey.Parse(command.PublicKey).IsOk, "Its public key is none.");
        }

        return (faults.Count * 64) + (command.Unreadable.Count * 8) + (command.ToUserId is null ? 0 : 1) + (command.WaitSeconds is null ? 0 : 2) + (command.PublicKey is null ? 0 : 4)
            + (account.Username is null ? 0 : 512) + (account.Password is null ? 0 : 1024) + (line % 7 * 2048);
    }

    private static (Fields Fields, WireRefusal? Refusal) Read(byte[] input, int line, bool saysLength)
    {
        var request = new DefaultHttpContext().Request;
        var body = line + 1 <= input.Length ? input.AsMemory(line + 1) : default;
        request.ContentType = Encoding.Latin1.GetString(input, 0, line);
        request.Body = new MemoryStream(body.ToArray(), writable: false);
        request.ContentLength = saysLength ? body.Length : null;
        var reading = request.ReadFieldsAsync(CancellationToken.None);
        Holds(reading.IsCompleted, "It waits although the body is there.");
        return reading.GetAwaiter().GetResult();
    }
}
