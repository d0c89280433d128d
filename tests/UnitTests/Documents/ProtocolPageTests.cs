using System.Net.WebSockets;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Im.Domain;
using Im.WebApi.Messaging;
using Im.WebApi.Wire;

namespace Im.UnitTests.Documents;

/// <summary>What <c>docs/protocol.md</c> says of codes and frames is what the code has.</summary>
public sealed partial class ProtocolPageTests
{
    private const string RestCodes = "2. Envelope and codes";

    private const string FrameCodes = "Refused frames";

    /// <summary>Which the framework sends by itself, whatever the code says.</summary>
    private static readonly int[] OfTheFramework = [1002, 1007];

    private static readonly Page Protocol = Page.Read("docs", "protocol.md");

    [Fact]
    public void Every_error_code_is_in_a_table_and_every_row_of_them_is_an_error_code()
    {
        var documented = Codes(RestCodes).Concat(Codes(FrameCodes)).Select(row => row.Number).Distinct();

        Assert.Equal(Numbers().Select(code => code.Number).Distinct().Order(), documented.Order());
    }

    [Fact]
    public void Every_error_code_has_the_name_that_the_code_gives_it()
    {
        var names = Numbers().ToLookup(code => code.Number, code => code.Name);

        Assert.Empty(Codes(RestCodes).Concat(Codes(FrameCodes)).Where(row => !names[row.Number].Contains(row.Name)));
    }

    [Fact]
    public void The_codes_that_a_client_meets_only_in_frames_are_in_the_table_of_frames_alone()
    {
        string[] frames = [nameof(WireRefusals.MalformedFrame), nameof(WireRefusals.UnknownType), nameof(WireRefusals.NotYours), nameof(ErrorCode.IdGap), nameof(ErrorCode.QueueFull)];
        var only = frames.Select(JsonNamingPolicy.SnakeCaseLower.ConvertName).ToHashSet();

        Assert.Empty(Codes(RestCodes).Where(row => only.Contains(row.Name)));
        Assert.Empty(only.Except(Codes(FrameCodes).Select(row => row.Name)));
    }

    [Fact]
    public void Every_close_code_is_in_the_table_and_every_row_of_it_is_one_that_the_server_sends()
    {
        var own = typeof(CloseCodes).GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
            .Where(field => field.FieldType == typeof(WebSocketCloseStatus) && field.Name != nameof(CloseCodes.Lost))
            .Select(field => (int)(WebSocketCloseStatus)field.GetRawConstantValue()!);
        var standard = Page.FilesBelow("src", "*.cs").SelectMany(file => Standard().Matches(File.ReadAllText(file)))
            .Select(match => (int)Enum.Parse<WebSocketCloseStatus>(match.Groups[1].Value));
        var documented = Protocol.Section("Close codes").Rows().Select(row => int.Parse(row[0], System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal(own.Concat(standard).Concat(OfTheFramework).Distinct().Order(), documented.Order());
    }

    [Fact]
    public void Every_frame_that_is_read_is_described_and_every_described_one_is_read()
    {
        var read = (string[])typeof(FrameReader).GetField("TypeNames", BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null)!;
        var section = Protocol.Section("From the client");

        Assert.Equal(read, section.Rows().Select(row => Page.Quoted(row[0]).Single()));
        Assert.Equal(read, Titles(section));
    }

    [Fact]
    public void Every_field_of_a_clients_frame_is_in_the_table_and_every_one_in_it_is_read()
    {
        var read = (string[])typeof(FrameReader).GetNestedType("Fields", BindingFlags.NonPublic)!.GetField("Names")!.GetValue(null)!;
        var documented = Protocol.Section("From the client").Rows().SelectMany(row => Page.Quoted(row[1])).Append("type");

        Assert.Equal(read.Order(StringComparer.Ordinal), documented.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_frame_that_is_written_is_described_and_every_described_one_is_written()
    {
        var written = Written().Matches(Page.Read("src", "WebApi", "Messaging", "FrameWriter.cs").Text).Select(match => match.Groups[1].Value).Distinct();

        Assert.Equal(written.Order(StringComparer.Ordinal), Titles(Protocol.Section("From the server")).Order(StringComparer.Ordinal));
    }

    /// <summary>Every number that the wire has, with the name of what it stands for.</summary>
    private static IEnumerable<(int Number, string Name)> Numbers() => Enum.GetValues<ErrorCode>()
        .Select(code => (ErrorMap.NumberOf(code), JsonNamingPolicy.SnakeCaseLower.ConvertName(code.ToString())))
        .Concat(typeof(WireRefusals).GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
            .Where(field => field.FieldType == typeof(WireRefusal))
            .Select(field => (((WireRefusal)field.GetValue(null)!).Number, JsonNamingPolicy.SnakeCaseLower.ConvertName(field.Name))));

    private static IEnumerable<(int Number, string Name)> Codes(string section) => Protocol.Section(section).Rows()
        .Where(row => row.Length == 3 && Number().IsMatch(row[0]))
        .Select(row => (int.Parse(row[0], System.Globalization.CultureInfo.InvariantCulture), Page.Quoted(row[1]).Single()));

    private static IEnumerable<string> Titles(Page section) => Title().Matches(section.Text).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"^\d{5}$")]
    private static partial Regex Number();

    [GeneratedRegex(@"WebSocketCloseStatus\.([A-Z]\w+)")]
    private static partial Regex Standard();

    [GeneratedRegex("type\\\\\":\\\\\"(\\w+)")]
    private static partial Regex Written();

    [GeneratedRegex(@"^\*\*`(\w+)`\*\*$", RegexOptions.Multiline)]
    private static partial Regex Title();
}
