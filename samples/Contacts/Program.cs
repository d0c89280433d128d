using Contacts;
using Im.WebApi;

return await Node.RunAsync(args, typeof(ContactsOnlyPolicy).Assembly);
