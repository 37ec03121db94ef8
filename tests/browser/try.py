import sys,time; sys.path[:0]=['.','../e2e']
from house import *
import os
os.environ.setdefault
t=time.time()
h=full_house()
print(time.time()-t, h.states(), h.waiting())
print([(r['state'],r['address'],r['reply']) for r in h.log('BDT/1') if r['state']!='accepted'])
print(h.expect(0,"groups","--format","json").out)
t=time.time()
c=h.enter(); print('enter',time.time()-t)
for p in ['/','/log','/groups']:
    t=time.time(); c.go(p); print(p,'go',time.time()-t)
    for m in ['desktop','dark','phone']:
        t=time.time(); c.turn_to(m); v=c.violations(); print(m,time.time()-t, v, c.overflow())
print(c.complaints())
c.__exit__(None,None,None); h.__exit__(None,None,None)
