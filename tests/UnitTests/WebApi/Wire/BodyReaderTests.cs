using System.Text;
using Im.WebApi.Wire;
using Microsoft.AspNetCore.Http;

namespace Im.UnitTests.WebApi.Wire;

public sealed class BodyReaderTests
{
    private const string Json = "application/json";
    private const string Form = "application/x-www-form-urlencoded";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Json, """{"to_user_id":7,"public_key":"AQ","other":[1]}""")]
    [InlineData("application/json; charset=UTF-8", """{"to_user_id":7,"public_key":"AQ","wait_seconds":null}""")]
    [InlineData(Form, "to_user_id=7&public_key=%41Q&wait_seconds=")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"to_user_id\"\r\n\r\n7\r\n--b\r\nContent-Disposition: form-data; name=public_key\r\n\r\nAQ\r\n--b--\r\n")]
    public async Task Json_and_both_forms_say_the_same(string type, string body)
    {
        var (fields, refusal) = await ReadAsync(type, body);

        Assert.Null(refusal);
        Assert.Equal(7, fields.Integer("ToUserId"));
        Assert.Equal("AQ", fields.Text("PublicKey"));
        Assert.Null(fields.Integer("WaitSeconds"));
        Assert.Empty(fields.Unreadable);
    }

    [Theory]
    [InlineData(Json, "[1]")]
    [InlineData(Json, "7")]
    [InlineData(Json, """{"a":1""")]
    [InlineData(Json, """{"a":1,"a":1}""")]
    [InlineData(Json, """{"a":1,"\u0061":1}""")]
    [InlineData(Json, """{"a":"\ud800"}""")]
    [InlineData(Form, "a=1&a=1")]
    [InlineData(Form, "a=%ff")]
    [InlineData("multipart/form-data", "x")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nno end")]
    public async Task A_body_that_is_not_what_it_says_is_malformed(string type, string body)
    {
        var (_, refusal) = await ReadAsync(type, body);

        Assert.Equal(WireRefusals.MalformedBody, refusal);
    }

    [Theory]
    [InlineData("{'x':'?'}")]
    [InlineData("{'x':['?']}")]
    [InlineData("{'?':1}")]
    public async Task Json_that_is_not_utf8_is_malformed(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body.Replace('\'', '"'));
        bytes[bytes.IndexOf((byte)'?')] = 0xff;

        Assert.Equal(WireRefusals.MalformedBody, (await RequestOf(Json, bytes).ReadFieldsAsync(Cancelled)).Refusal);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData(null)]
    [InlineData("application/json; charset=utf-16")]
    public async Task Another_content_type_is_refused(string? type)
    {
        var (_, refusal) = await ReadAsync(type, "{}");

        Assert.Equal(WireRefusals.UnsupportedMediaType, refusal);
    }

    [Fact]
    public async Task No_body_has_no_fields()
    {
        var (fields, refusal) = await ReadAsync(null, "");

        Assert.Null(refusal);
        Assert.Null(fields.Integer("ToUserId"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sixteen_kibibytes_fit_and_one_more_does_not(bool saysItsLength)
    {
        var fitting = RequestOf(Json, Encoding.UTF8.GetBytes("{}".PadRight(BodyReader.MaxBytes)), saysItsLength);
        var larger = RequestOf(Json, Encoding.UTF8.GetBytes("{}".PadRight(BodyReader.MaxBytes + 1)), saysItsLength);

        Assert.Null((await fitting.ReadFieldsAsync(Cancelled)).Refusal);
        Assert.Equal(WireRefusals.TooLarge, (await larger.ReadFieldsAsync(Cancelled)).Refusal);
    }

    [Theory]
    [InlineData(Json, """{"to_user_id":"7","wait_seconds":1.5,"public_key":1}""")]
    [InlineData(Json, """{"to_user_id":99999999999999999999,"wait_seconds":1e1,"public_key":{}}""")]
    public async Task Every_field_of_the_wrong_type_is_reported_at_once(string type, string body)
    {
        var (fields, _) = await ReadAsync(type, body);

        Assert.Null(fields.Integer("ToUserId"));
        Assert.Null(fields.Integer("WaitSeconds"));
        Assert.Null(fields.Text("PublicKey"));
        Assert.Equal(["PublicKey", "ToUserId", "WaitSeconds"], fields.Unreadable.Keys.Order());
    }

    [Theory]
    [InlineData("007")]
    [InlineData("%2B7")]
    [InlineData("-0")]
    public async Task An_integer_has_one_spelling(string text)
    {
        var (fields, _) = await ReadAsync(Form, $"to_user_id={text}");

        Assert.Null(fields.Integer("ToUserId"));
        Assert.Equal(["ToUserId"], fields.Unreadable.Keys);
    }

    [Fact]
    public async Task A_compressed_body_is_refused_instead_of_read_as_it_is()
    {
        var request = RequestOf(Json, Encoding.UTF8.GetBytes("{}"));
        request.Headers.ContentEncoding = "gzip";

        Assert.Equal(WireRefusals.UnsupportedMediaType, (await request.ReadFieldsAsync(Cancelled)).Refusal);
    }

    private static Task<(Fields Fields, WireRefusal? Refusal)> ReadAsync(string? type, string body) =>
        RequestOf(type, Encoding.UTF8.GetBytes(body)).ReadFieldsAsync(Cancelled);

    private static HttpRequest RequestOf(string? type, byte[] body, bool saysItsLength = true)
    {
        var request = new DefaultHttpContext().Request;
        request.ContentType = type;
        request.ContentLength = saysItsLength ? body.Length : null;
        request.Body = new MemoryStream(body);
        return request;
    }
}
