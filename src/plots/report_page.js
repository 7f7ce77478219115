
for (const table of document.querySelectorAll('table')) {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
        if (!head.textContent) return;
        const button = document.createElement('button');
        button.type = 'button';
        button.append(...head.childNodes);
        head.append(button);
        button.addEventListener('click', () => {
            const up = head.getAttribute('aria-sort') === 'descending';
            heads.forEach((each) => each.removeAttribute('aria-sort'));
            head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
            const key = (row) => row.cells[column].textContent;
            const compare = (a, b) => {
                const [x, y] = [parseFloat(key(a)), parseFloat(key(b))];
                if (head.className || (isNaN(x) && isNaN(y))) return key(a).localeCompare(key(b));
                return (isNaN(x) ? -Infinity : x) - (isNaN(y) ? -Infinity : y);
            };
            const rows = [...body.rows].filter((row) => row.className !== 'total');
            rows.sort((a, b) => (up ? compare(a, b) : compare(b, a)));
            body.append(...rows);
        });
    });
}
