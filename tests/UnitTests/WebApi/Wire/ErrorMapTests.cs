using System.Text;
using Im.Domain;
using Im.WebApi.Wire;
using Microsoft.AspNetCore.Http;

namespace Im.UnitTests.WebApi.Wire;

public sealed class ErrorMapTests
{
    [Theory]
    [InlineData(ErrorCode.ParameterError, 40000)]
    [InlineData(ErrorCode.MalformedFrame, 40002)]
    [InlineData(ErrorCode.WrongCredentials, 40101)]
    [InlineData(ErrorCode.NotPermitted, 40300)]
    [InlineData(ErrorCode.RegistrationClosed, 40300)]
    [InlineData(ErrorCode.NoSession, 40301)]
    [InlineData(ErrorCode.SessionEnded, 40301)]
    [InlineData(ErrorCode.SessionLost, 40301)]
    [InlineData(ErrorCode.KeyModeMismatch, 40900)]
    [InlineData(ErrorCode.NameTaken, 40901)]
    [InlineData(ErrorCode.IdGap, 40902)]
    [InlineData(ErrorCode.RateLimited, 42900)]
    [InlineData(ErrorCode.QueueFull, 42901)]
    [InlineData(ErrorCode.StoreUnavailable, 50300)]
    [InlineData(ErrorCode.TakenOver, 50300)]
    internal void Every_refusal_has_its_number(ErrorCode code, int number) => Assert.Equal(number, ErrorMap.NumberOf(code));

    [Fact]
    public void No_refusal_is_without_a_number()
    {
        foreach (var code in Enum.GetValues<ErrorCode>())
        {
            Assert.InRange(ErrorMap.NumberOf(code), 40000, 59999);
        }
    }

    [Fact]
    public async Task Faulty_fields_go_out_under_their_wire_names()
    {
        var (status, _, body) = await WriteAsync(response => response.WriteAsync(Errors.Parameters(new Dictionary<string, string[]> { ["ToUserId"] = ["Why."] })));

        Assert.Equal(400, status);
        Assert.Equal(
            """{"code":40000,"message":"failed","error":"One or more fields are missing, malformed or out of range.","errors":{"to_user_id":["Why."]}}""",
            body);
    }

    [Fact]
    public async Task A_wait_is_named_in_whole_seconds_rounded_up()
    {
        var (status, retryAfter, _) = await WriteAsync(response => response.WriteAsync(Errors.RateLimited(TimeSpan.FromSeconds(1.2))));

        Assert.Equal((429, "2"), (status, retryAfter));
    }

    [Fact]
    public async Task What_may_be_tried_again_names_a_wait_also_where_none_is_known()
    {
        Assert.Equal("1", (await WriteAsync(response => response.WriteAsync(WireRefusals.RateLimited))).RetryAfter);
        Assert.Equal("1", (await WriteAsync(response => response.WriteAsync(WireRefusals.StoreUnavailable))).RetryAfter);
        Assert.Equal("", (await WriteAsync(response => response.WriteAsync(WireRefusals.NotFound))).RetryAfter);
    }

    private static async Task<(int Status, string RetryAfter, string Body)> WriteAsync(Func<HttpResponse, Task> write)
    {
        var context = new DefaultHttpContext();
        using var body = new MemoryStream();
        context.Response.Body = body;
        await write(context.Response);
        return (context.Response.StatusCode, context.Response.Headers.RetryAfter.ToString(), Encoding.UTF8.GetString(body.ToArray()));
    }
}
